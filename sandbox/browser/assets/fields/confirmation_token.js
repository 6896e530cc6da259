/** @typedef {import("./card_form.js").CardForm} CardForm */
/** @typedef {{publishableKey: string, params: Record<string, any>, context: Record<string, unknown>}} Wish */

/**
 * Send the card to the gateway and give back the token: the one place where card details leave this frame.
 * @param {CardForm} form
 * @param {Wish} wish
 */
export async function createConfirmationToken(form, { publishableKey, params, context }) {
  const body = encode({
    ...params,
    payment_method_data: paymentMethodData(form, params.payment_method_data ?? {}),
    client_context: context,
  });
  try {
    const answer = await fetch("/v1/confirmation_tokens", {
      method: "POST",
      headers: { Authorization: `Bearer ${publishableKey}` },
      body,
    });
    const document = await answer.json();
    return answer.ok ? { confirmationToken: document } : { error: document.error };
  } catch {
    const message = "The payment gateway cannot be reached. Please try again.";
    return { error: { type: "api_connection_error", message } };
  }
}

/**
 * @param {CardForm} form
 * @param {Record<string, any>} given what the page knows about the payer
 */
function paymentMethodData(form, given) {
  const details = given.billing_details ?? {};
  const address = { ...details.address, ...form.address() };
  return { ...given, type: "card", card: form.card(), billing_details: { ...details, address } };
}

/**
 * Nested values as the API takes them: `a[b][]=c`. What is null or undefined is not sent.
 * @param {Record<string, unknown>} values
 */
export function encode(values) {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    append(form, name, value);
  }
  return form;
}

/**
 * @param {URLSearchParams} form
 * @param {string} name
 * @param {unknown} value
 */
function append(form, name, value) {
  if (value === null || value === undefined) {
    return;
  }
  if (typeof value !== "object") {
    form.append(name, String(value));
    return;
  }
  for (const [key, inner] of Object.entries(value)) {
    append(form, Array.isArray(value) ? `${name}[]` : `${name}[${key}]`, inner);
  }
}
