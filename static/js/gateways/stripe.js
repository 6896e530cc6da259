/**
 * Stripe's hosted fields: the card is typed into Stripe's own iframe, and this page only ever holds a single-use token.
 * @module
 */

/** @typedef {import("@stripe/stripe-js").Stripe} Stripe */
/** @typedef {Extract<import("@stripe/stripe-js").StripeElementsOptionsMode, {mode: "payment"}>} ElementsOptions */

/**
 * @typedef {object} Options what the server says: the key, and what Elements must be mounted with
 * @property {string} publishableKey
 */

/** @typedef {Options & ElementsOptions} AllOptions */

/**
 * @typedef {object} Billing
 * @property {string} email
 * @property {string} name
 * @property {string} address
 * @property {string} city
 * @property {string} postalCode
 * @property {string} country ISO 3166 alpha-2
 */

/**
 * @typedef {{ token: string } | { message: string }} TokenResult
 */

export class StripeFields {
  /** @param {AllOptions} options */
  constructor(options) {
    const { publishableKey, ...elementsOptions } = options;
    if (!window.Stripe) {
      throw new Error("The card fields could not be loaded. Check your connection and reload this page.");
    }
    /** @type {Stripe} */
    this.stripe = window.Stripe(publishableKey);
    this.elementsOptions = elementsOptions;
  }

  /**
   * Show the card fields in `container`; resolves when they can be used.
   * @param {HTMLElement} container
   * @returns {Promise<void>}
   */
  mount(container) {
    this.elements = this.stripe.elements({ ...this.elementsOptions, appearance: appearance() });
    const fields = this.elements.create("payment", {
      fields: { billingDetails: { name: "never", email: "never", address: "never" } },
    });
    return new Promise((resolve, reject) => {
      fields.on("ready", () => resolve());
      fields.on("loaderror", ({ error }) => reject(new Error(error.message)));
      fields.mount(container);
    });
  }

  /**
   * Have the card be charged another amount; what was typed stays.
   * @param {AllOptions} options what `mount` would be told now
   */
  async reprice({ amount }) {
    await this.elements?.update({ amount });
  }

  /**
   * Check the fields and trade the card for a single-use token, without touching it here.
   * @param {Billing} billing
   * @returns {Promise<TokenResult>}
   */
  async createToken(billing) {
    if (!this.elements) return { message: "The card fields are not ready yet." };
    const checked = await this.elements.submit();
    if (checked.error) return { message: checked.error.message ?? "Check the card details." };
    const { error, confirmationToken } = await this.stripe.createConfirmationToken({
      elements: this.elements,
      params: { payment_method_data: { billing_details: billingDetails(billing) } },
    });
    if (error) return { message: error.message ?? "The card could not be read. Try again." };
    return { token: confirmationToken.id };
  }

  /**
   * Let the shopper prove to their bank who they are.
   * @param {string} clientSecret
   * @returns {Promise<string>} what went wrong, in words for the shopper; empty when nothing did
   */
  async handleNextAction(clientSecret) {
    const { error } = await this.stripe.handleNextAction({ clientSecret });
    return error ? (error.message ?? "The confirmation did not succeed.") : "";
  }
}

/** @param {Billing} billing */
function billingDetails(billing) {
  return {
    name: billing.name,
    email: billing.email,
    address: {
      line1: billing.address,
      line2: "",
      city: billing.city,
      state: "",
      postal_code: billing.postalCode,
      country: billing.country,
    },
  };
}

/** The shop's own colours, as its style sheet has them. */
function appearance() {
  const style = getComputedStyle(document.documentElement);
  const value = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  /** @type {Record<string, string>} */
  const variables = {};
  for (const [variable, name] of Object.entries({
    colorPrimary: "--brand",
    colorBackground: "--surface",
    colorText: "--ink",
    colorDanger: "--error",
    fontFamily: "--font-text",
    borderRadius: "--radius-small",
  })) {
    if (value(name)) variables[variable] = value(name);
  }
  return { variables };
}

/** @param {AllOptions} options */
export function createFields(options) {
  return new StripeFields(options);
}
