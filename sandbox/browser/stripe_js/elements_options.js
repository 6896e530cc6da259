import { requireThat, warnOfUnknown } from "./errors.js";

/** @typedef {import("@stripe/stripe-js").StripeElementsOptionsMode} OptionsMode */
/** @typedef {Extract<OptionsMode, {mode: "payment"}>} ElementsOptions what there is to say before there is an intent */

const CAPTURE_METHODS = ["automatic", "automatic_async", "manual"];

/** @satisfies {Record<keyof ElementsOptions, true>} */
const KNOWN = {
  mode: true,
  amount: true,
  currency: true,
  captureMethod: true,
  capture_method: true,
  setupFutureUsage: true,
  setup_future_usage: true,
  onBehalfOf: true,
  on_behalf_of: true,
  allowedPaymentMethodTypes: true,
  excludedPaymentMethodTypes: true,
  paymentMethodConfiguration: true,
  payment_method_configuration: true,
  paymentMethodOptions: true,
  payment_method_options: true,
  paymentMethodCreation: true,
  externalPaymentMethodTypes: true,
  customPaymentMethods: true,
  customerOptions: true,
  customerSessionClientSecret: true,
  adaptivePricing: true,
  syncAddressCheckbox: true,
  appearance: true,
  fonts: true,
  loader: true,
  locale: true,
  clientSecret: true,
};

/**
 * Refuse options that Stripe.js refuses.
 * @param {ElementsOptions} options
 */
export function checkElementsOptions(options) {
  requireThat(
    !("paymentMethodTypes" in options),
    "`paymentMethodTypes` is not supported in this version of Stripe.js. Use `allowedPaymentMethodTypes` instead.",
  );
  requireThat(
    options.clientSecret === undefined,
    "The sandbox's elements() takes no `clientSecret`: fields come before the intent, with `mode` and `amount`.",
  );
  requireThat(options.mode === "payment", invalid("mode", "should be 'payment'", options));
  requireThat(
    Number.isInteger(options.amount) && options.amount > 0,
    invalid("amount", "should be a positive integer, in the currency's minor unit", options),
  );
  requireThat(
    typeof options.currency === "string" && /^[a-z]{3}$/.test(options.currency),
    invalid("currency", "should be a currency code of three lowercase letters", options),
  );
  const captureMethod = options.captureMethod ?? options.capture_method;
  requireThat(
    captureMethod === undefined || CAPTURE_METHODS.includes(captureMethod),
    invalid("captureMethod", `should be one of ${CAPTURE_METHODS.join(", ")}`, options),
  );
  const types = options.allowedPaymentMethodTypes;
  requireThat(
    types === undefined || (Array.isArray(types) && types.length > 0),
    invalid("allowedPaymentMethodTypes", "should be an array of payment method types", options),
  );
  warnOfUnknown("elements()", options, KNOWN);
}

/**
 * @param {string} name
 * @param {string} wanted
 * @param {Record<string, any>} options
 */
function invalid(name, wanted, options) {
  return `Invalid value for elements(): \`${name}\` ${wanted}. You specified: ${options[name]}.`;
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
    capture_method: options.captureMethod ?? options.capture_method,
    setup_future_usage: options.setupFutureUsage ?? options.setup_future_usage ?? undefined,
    allowed_payment_method_types: options.allowedPaymentMethodTypes,
  };
}
