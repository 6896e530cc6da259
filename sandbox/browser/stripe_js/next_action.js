import { connectionError, requireThat } from "./errors.js";
import { FrameChannel, SANDBOX } from "./frame_channel.js";
import { Modal } from "./modal.js";
import { retrieveIntent } from "./payment_intents.js";

const TITLE = "3D Secure authentication";

/**
 * Lead the shopper through what the intent asks for, and say how it ended.
 * @param {string} publishableKey
 * @param {string} clientSecret
 * @returns {Promise<import("./payment_intents.js").IntentResult>}
 */
export async function handleIntentAction(publishableKey, clientSecret) {
  const before = await retrieveIntent(publishableKey, clientSecret);
  const action = before.paymentIntent?.next_action;
  if (!action) {
    return before;
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
 * @param {string} url
 * @returns {Promise<never>}
 */
function leaveFor(url) {
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
 * @param {import("./payment_intents.js").IntentResult} after
 * @returns {import("./payment_intents.js").IntentResult}
 */
function outcome(after) {
  const intent = after.paymentIntent;
  if (intent?.status === "requires_payment_method" && intent.last_payment_error) {
    return { error: { ...intent.last_payment_error, payment_intent: { ...intent } } };
  }
  return after;
}
