const parameters = new URLSearchParams(location.search);
const given = (name) => JSON.parse(parameters.get(name) ?? "{}");
const output = document.querySelector("output");
const stripe = Stripe("pk_test_sandbox");
const elements = stripe.elements({
  mode: "payment",
  amount: 1999,
  currency: "eur",
  captureMethod: "automatic",
  allowedPaymentMethodTypes: ["card"],
  ...given("elements"),
});
const payment = elements.create("payment", given("payment"));

function say(result) {
  output.value = JSON.stringify(result);
}

payment.on("ready", () => document.body.setAttribute("data-ready", ""));
payment.mount("#payment");

document.querySelector("#pay").addEventListener("click", async () => {
  const { error: wrong } = await elements.submit();
  if (wrong) {
    say({ error: wrong });
    return;
  }
  if (parameters.has("confirm")) {
    say(await stripe.confirmPayment({ elements, clientSecret: parameters.get("client_secret"), ...given("confirm") }));
    return;
  }
  const result = await stripe.createConfirmationToken({ elements, params: given("params") });
  if (result.confirmationToken) {
    await fetch("/token", { method: "POST", body: result.confirmationToken.id });
  }
  say(result);
});

document.querySelector("#authenticate").addEventListener("click", async () => {
  say(await stripe.handleNextAction({ clientSecret: parameters.get("client_secret") }));
});

Object.assign(window, { stripe, elements, payment });
