/**
 * @typedef {object} ApiError
 * @property {string} type
 * @property {string} [code]
 * @property {string} [message]
 * @property {string} [decline_code]
 * @property {string} [param]
 * @property {Record<string, unknown>} [payment_intent]
 */

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

/** @returns {ApiError} the error for a server that cannot be reached */
export function connectionError() {
  return { type: "api_connection_error", message: "The payment gateway cannot be reached. Please try again." };
}
