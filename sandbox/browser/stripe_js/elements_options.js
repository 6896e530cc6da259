import { requireThat } from "./errors.js";

const CAPTURE_METHODS = ["automatic", "automatic_async", "manual"];

/**
 * What Elements is created with when there is no intent yet.
 * @typedef {object} ElementsOptions
 * @property {"payment"} mode
 * @property {number} amount in the currency's minor unit
 * @property {string} currency
 * @property {string} [captureMethod]
 * @property {string | null} [setupFutureUsage]
 * @property {string[]} [allowedPaymentMethodTypes]
 * @property {unknown} [paymentMethodTypes]
 * @property {{theme?: string, variables?: Record<string, string>}} [appearance]
 * @property {string} [locale]
 */

/**
 * Refuse options that Stripe.js refuses.
 * @param {ElementsOptions} options
 */
export function checkElementsOptions(options) {
  requireThat(
    options.paymentMethodTypes === undefined,
    "`paymentMethodTypes` is not supported in this version of Stripe.js. Use `allowedPaymentMethodTypes` instead.",
  );
  requireThat(
    options.mode === "payment",
    `Invalid value for elements(): \`mode\` should be 'payment'. You specified: ${options.mode}.`,
  );
  requireThat(
    Number.isInteger(options.amount) && options.amount > 0,
    `Invalid value for elements(): \`amount\` should be a positive integer. You specified: ${options.amount}.`,
  );
  requireThat(
    typeof options.currency === "string" && /^[a-z]{3}$/.test(options.currency),
    `Invalid value for elements(): \`currency\` should be a lowercase currency code. You specified: ${options.currency}.`,
  );
  requireThat(
    options.captureMethod === undefined || CAPTURE_METHODS.includes(options.captureMethod),
    `Invalid value for elements(): \`captureMethod\` should be one of ${CAPTURE_METHODS.join(", ")}.`,
  );
  checkTypes(options.allowedPaymentMethodTypes);
}

/** @param {unknown} types */
function checkTypes(types) {
  const valid = types === undefined || (Array.isArray(types) && types.length > 0);
  requireThat(valid, "Invalid value for elements(): `allowedPaymentMethodTypes` should be an array of types.");
}

/**
 * What the token remembers of the options: the intent that it confirms must agree.
 * @param {ElementsOptions} options
 */
export function clientContext(options) {
  return {
    mode: options.mode,
    amount: options.amount,
    currency: options.currency,
    capture_method: options.captureMethod,
    setup_future_usage: options.setupFutureUsage ?? undefined,
    allowed_payment_method_types: options.allowedPaymentMethodTypes,
  };
}
