/** @typedef {import("@stripe/stripe-js").StripeError} StripeError */

/** The page uses Stripe.js in a way that it does not allow: a fault of the page, not of the shopper. */
export class IntegrationError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = "IntegrationError";
  }
}

/**
 * @param {unknown} condition
 * @param {string} message
 * @returns {asserts condition}
 */
export function requireThat(condition, message) {
  if (!condition) {
    throw new IntegrationError(message);
  }
}

/**
 * Stripe.js ignores options that it does not know, and says so on the console.
 * @param {string} method
 * @param {object} given
 * @param {Record<string, true>} known
 */
export function warnOfUnknown(method, given, known) {
  for (const name of Object.keys(given).filter((option) => !(option in known))) {
    console.warn(`Unrecognized ${method} parameter: ${name} is not a recognized parameter and has no effect.`);
  }
}

/** @returns {StripeError} the error for a server that cannot be reached */
export function connectionError() {
  return { type: "api_connection_error", message: "The payment gateway cannot be reached. Please try again." };
}
