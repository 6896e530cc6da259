import { connectionError, requireThat } from "./errors.js";
import { SANDBOX } from "./frame_channel.js";

/**
 * @typedef {object} PaymentIntent
 * @property {string} id
 * @property {string} status
 * @property {Record<string, any> | null} next_action
 * @property {import("./errors.js").ApiError | null} last_payment_error
 */
/** @typedef {{paymentIntent?: PaymentIntent, error?: import("./errors.js").ApiError}} IntentResult */

/**
 * Ask for an intent with nothing but its client secret.
 * @param {string} publishableKey
 * @param {string} clientSecret
 * @returns {Promise<IntentResult>}
 */
export async function retrieveIntent(publishableKey, clientSecret) {
  const [id, rest] = String(clientSecret).split("_secret_");
  requireThat(id && id.startsWith("pi_") && rest, `'${id}' is not a client secret of a PaymentIntent.`);
  const query = new URLSearchParams({ client_secret: clientSecret, key: publishableKey });
  try {
    const answer = await fetch(`${SANDBOX}/v1/payment_intents/${encodeURIComponent(id)}?${query}`);
    const document = await answer.json();
    return answer.ok ? { paymentIntent: document } : { error: document.error };
  } catch {
    return { error: connectionError() };
  }
}
