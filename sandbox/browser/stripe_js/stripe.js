import { confirmIntent } from "./confirm_payment.js";
import { Elements } from "./elements.js";
import { requireThat } from "./errors.js";
import { handleIntentAction } from "./next_action.js";
import { retrieveIntent } from "./payment_intents.js";

/** What `Stripe(publishableKey)` gives, as far as this project goes. */
export class StripeClient {
  /** @param {string} publishableKey */
  constructor(publishableKey) {
    this.publishableKey = publishableKey;
  }

  /** @param {import("./elements_options.js").ElementsOptions} options */
  elements(options) {
    requireThat(options, "The sandbox's elements() needs `mode`, `amount` and `currency`.");
    return new Elements(options);
  }

  /**
   * @param {{elements: Elements, params?: Record<string, any>}} options
   * @returns {Promise<import("@stripe/stripe-js").ConfirmationTokenResult>}
   */
  async createConfirmationToken(options) {
    requireThat(options?.elements instanceof Elements, "createConfirmationToken() needs the `elements` it is for.");
    const details = { publishableKey: this.publishableKey, params: options.params ?? {} };
    return options.elements.use("tokenize", "stripe.createConfirmationToken()", details);
  }

  /** @param {import("./confirm_payment.js").ConfirmOptions} options */
  async confirmPayment(options) {
    requireThat(options?.elements instanceof Elements, "The sandbox's confirmPayment() needs `elements`.");
    return confirmIntent(this.publishableKey, options);
  }

  /** @param {{clientSecret: string}} options */
  async handleNextAction(options) {
    requireThat(options?.clientSecret, "handleNextAction() needs a `clientSecret`.");
    return handleIntentAction(this.publishableKey, options.clientSecret);
  }

  /** @param {string} clientSecret */
  async retrievePaymentIntent(clientSecret) {
    requireThat(clientSecret, "retrievePaymentIntent() needs a client secret.");
    return retrieveIntent(this.publishableKey, clientSecret);
  }
}

/**
 * The page's entrance; also called with `new`.
 * @param {string} publishableKey
 */
export function Stripe(publishableKey) {
  requireThat(typeof publishableKey === "string" && publishableKey, "Stripe() needs your publishable key.");
  requireThat(
    !publishableKey.startsWith("sk_"),
    "You should not use your secret key with Stripe.js. Pass a publishable key instead.",
  );
  return new StripeClient(publishableKey);
}

Stripe.version = "endive";
Object.assign(globalThis, { Stripe });
