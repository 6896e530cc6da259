import { connectionError, requireThat } from "./errors.js";
import { FrameChannel, SANDBOX } from "./frame_channel.js";
import { Modal } from "./modal.js";
import { retrieveIntent } from "./payment_intents.js";

/** @typedef {import("./errors.js").StripeError} StripeError */

const TITLE = "3D Secure authentication";

/** @typedef {import("./payment_intents.js").IntentResult} IntentResult */

/**
 * Fetch the intent and lead the shopper through what it asks for. It has to ask for something.
 * @param {string} publishableKey
 * @param {string} clientSecret
 * @returns {Promise<IntentResult>}
 */
export async function handleIntentAction(publishableKey, clientSecret) {
  const asked = await retrieveIntent(publishableKey, clientSecret);
  requireThat(
    asked.error || asked.paymentIntent.status === "requires_action",
    "handleNextAction: The PaymentIntent supplied is not in the requires_action state.",
  );
  return followAction(publishableKey, clientSecret, asked);
}

/**
 * Lead the shopper through what the intent asks for, if anything, and say how it ended.
 * @param {string} publishableKey
 * @param {string} clientSecret
 * @param {IntentResult} asked
 * @returns {Promise<IntentResult>}
 */
export async function followAction(publishableKey, clientSecret, asked) {
  /** @type {Record<string, any> | null | undefined} */
  const action = asked.paymentIntent?.next_action;
  if (!action) {
    return asked;
  }
  if (action.type === "redirect_to_url") {
    return leaveFor(action.redirect_to_url.url);
  }
  requireThat(action.type === "use_stripe_sdk", `The next action '${action.type}' is not known to the sandbox.`);
  if (!(await authenticate(action.use_stripe_sdk.stripe_js))) {
    return { error: connectionError() };
  }
  return outcome(await retrieveIntent(publishableKey, clientSecret));
}

/**
 * Leave the shop's page. What waits for the answer waits until the page is gone.
 * @param {string} url
 * @returns {Promise<never>}
 */
export function leaveFor(url) {
  window.location.assign(url);
  return new Promise(() => {});
}

/**
 * Show the bank's page until the shopper has answered or given up.
 * @param {string} url
 * @returns {Promise<boolean>} whether the bank heard the answer
 */
function authenticate(url) {
  requireThat(new URL(url).origin === SANDBOX, "The authentication page is not one of the sandbox.");
  return new Promise((resolve) => {
    let loaded = false;
    const cancel = () => (loaded ? channel.send("cancel") : finish(false));
    /** @param {boolean} heard */
    const finish = (heard) => {
      channel.close();
      modal.close();
      resolve(heard);
    };
    const modal = new Modal(TITLE, url, cancel);
    const channel = new FrameChannel(modal.frame, (event) => {
      loaded = true;
      if (event !== "ready") {
        finish(event === "settled");
      }
    });
    modal.open();
  });
}

/**
 * @param {IntentResult} after
 * @returns {IntentResult}
 */
function outcome(after) {
  const intent = after.paymentIntent;
  if (intent?.status === "requires_payment_method" && intent.last_payment_error) {
    return { error: /** @type {StripeError} */ ({ ...intent.last_payment_error, payment_intent: intent }) };
  }
  return after;
}
