import { connectionError, requireThat } from "./errors.js";
import { SANDBOX } from "./frame_channel.js";

/** @typedef {import("@stripe/stripe-js").PaymentIntentResult} IntentResult */

/**
 * Ask for an intent with nothing but its client secret.
 * @param {string} publishableKey
 * @param {string} clientSecret
 * @returns {Promise<IntentResult>}
 */
export async function retrieveIntent(publishableKey, clientSecret) {
  const id = intentId(clientSecret);
  const query = new URLSearchParams({ client_secret: clientSecret, key: publishableKey });
  try {
    const answer = await fetch(`${SANDBOX}/v1/payment_intents/${encodeURIComponent(id)}?${query}`);
    const document = await answer.json();
    return answer.ok ? { paymentIntent: document } : { error: document.error };
  } catch {
    return { error: connectionError() };
  }
}

/**
 * The id that a client secret begins with.
 * @param {string} clientSecret
 */
export function intentId(clientSecret) {
  const [id, rest] = String(clientSecret).split("_secret_");
  requireThat(id && id.startsWith("pi_") && rest, `'${id}' is not a client secret of a PaymentIntent.`);
  return id;
}
