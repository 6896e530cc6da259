import { createConfirmationToken } from "./confirmation_token.js";
import { post } from "./gateway_api.js";

/** @typedef {import("./confirmation_token.js").Wish & {clientSecret: string}} ConfirmWish */

/**
 * Confirm an intent with the card, by a token that nobody else sees.
 * @param {import("./card_form.js").CardForm} form
 * @param {ConfirmWish} wish
 */
export async function confirm(form, { publishableKey, params, context, clientSecret }) {
  const { payment_method_data: given, ...rest } = params;
  const payer = { payment_method_data: collectedFirst(form, given ?? {}) };
  const { confirmationToken, error } = await createConfirmationToken(form, { publishableKey, params: payer, context });
  if (error) {
    return { error };
  }
  const [id] = clientSecret.split("_secret_");
  const confirmed = await post(`/v1/payment_intents/${id}/confirm`, publishableKey, {
    ...rest,
    confirmation_token: confirmationToken.id,
    client_secret: clientSecret,
    use_stripe_sdk: true,
  });
  return confirmed.error ? { error: confirmed.error } : { paymentIntent: confirmed.document };
}

/**
 * What was asked for here wins over what the page passes, as documented for `stripe.confirmPayment()`.
 * @param {import("./card_form.js").CardForm} form
 * @param {Record<string, any>} given
 */
function collectedFirst(form, given) {
  const details = given.billing_details ?? {};
  return { ...given, billing_details: { ...details, address: { ...details.address, ...form.address() } } };
}
