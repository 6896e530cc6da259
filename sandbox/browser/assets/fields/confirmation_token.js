import { post } from "./gateway_api.js";

/** @typedef {import("./card_form.js").CardForm} CardForm */
/** @typedef {{publishableKey: string, params: Record<string, any>, context: Record<string, unknown>}} Wish */

/**
 * Send the card to the gateway and give back the token: the one place where card details leave this frame.
 * @param {CardForm} form
 * @param {Wish} wish
 */
export async function createConfirmationToken(form, { publishableKey, params, context }) {
  const { document, error } = await post("/v1/confirmation_tokens", publishableKey, {
    ...params,
    payment_method_data: paymentMethodData(form, params.payment_method_data ?? {}),
    client_context: context,
  });
  return error ? { error } : { confirmationToken: document };
}

/**
 * What the page passes wins over what was asked for here, as documented for `stripe.createConfirmationToken()`.
 * @param {CardForm} form
 * @param {Record<string, any>} given what the page knows about the payer
 */
function paymentMethodData(form, given) {
  const details = given.billing_details ?? {};
  const address = { ...form.address(), ...details.address };
  return { ...given, type: "card", card: form.card(), billing_details: { ...details, address } };
}
