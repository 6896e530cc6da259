import { requireThat } from "./errors.js";
import { followAction, leaveFor } from "./next_action.js";
import { intentId } from "./payment_intents.js";

/**
 * @typedef {object} ConfirmOptions
 * @property {import("./elements.js").Elements} elements
 * @property {string} clientSecret
 * @property {Record<string, any>} [confirmParams]
 * @property {"always" | "if_required"} [redirect]
 */

/**
 * Confirm an intent with what was typed, lead the shopper through what it then asks for, and go to the `return_url`
 * unless the page wants to stay.
 * @param {string} publishableKey
 * @param {ConfirmOptions} options
 * @returns {Promise<import("./payment_intents.js").IntentResult>}
 */
export async function confirmIntent(publishableKey, { elements, clientSecret, confirmParams = {}, redirect }) {
  const stays = redirect === "if_required";
  requireThat(intentId(clientSecret) && (stays || confirmParams.return_url), "confirmPayment() needs `return_url`.");
  const details = { publishableKey, clientSecret, params: confirmParams };
  const confirmed = await elements.use("confirm", "stripe.confirmPayment()", details);
  const result = await followAction(publishableKey, clientSecret, confirmed);
  if (result.error || stays) {
    return result;
  }
  return leaveFor(wayBack(confirmParams.return_url, result.paymentIntent));
}

/**
 * @param {string} returnUrl
 * @param {import("@stripe/stripe-js").PaymentIntent} intent
 */
function wayBack(returnUrl, intent) {
  const url = new URL(returnUrl);
  url.searchParams.set("payment_intent", intent.id);
  url.searchParams.set("payment_intent_client_secret", intent.client_secret ?? "");
  url.searchParams.set("redirect_status", "succeeded");
  return url.href;
}
