import { clientContext, checkElementsOptions } from "./elements_options.js";
import { checkBillingDetails } from "./billing_details.js";
import { requireThat } from "./errors.js";
import { PaymentElement } from "./payment_element.js";

/** A group of Elements for one payment; here at most one Payment Element. */
export class Elements {
  /** @param {import("./elements_options.js").ElementsOptions} options */
  constructor(options) {
    checkElementsOptions(options);
    this.options = { ...options };
    /** @type {PaymentElement | null} */
    this.payment = null;
    this.submitted = false;
  }

  /**
   * @param {string} type
   * @param {import("./payment_element.js").PaymentElementOptions} [options]
   */
  create(type, options = {}) {
    requireThat(type === "payment", `The sandbox has only the payment Element; you asked for '${type}'.`);
    requireThat(this.payment === null, "Can only create one Element of type payment. Destroy the first one.");
    this.payment = new PaymentElement(this, { ...options });
    return this.payment;
  }

  /** @param {string | typeof PaymentElement} [type] */
  getElement(type = "payment") {
    return type === "payment" ? this.payment : null;
  }

  /** @param {Partial<import("./elements_options.js").ElementsOptions>} changes */
  update(changes) {
    const options = { ...this.options, ...changes };
    checkElementsOptions(options);
    this.options = options;
    this.submitted = false;
    this.payment?.greet();
  }

  /** Validate what the shopper typed; the frame shows what is wrong. */
  async submit() {
    const answer = await this.channel("elements.submit()").ask("validate");
    this.submitted = !answer.error;
    if (answer.error) {
      this.payment?.focus("first problem");
    }
    return answer.error ? { error: answer.error } : { selectedPaymentMethod: "card" };
  }

  /** Nothing is kept here that the server could have changed: there is no intent yet. */
  async fetchUpdates() {
    return {};
  }

  /**
   * Have the frame make a token. The card's details go from the frame to the gateway; only the token comes back.
   * @param {string} publishableKey
   * @param {Record<string, any>} params
   */
  async tokenize(publishableKey, params) {
    requireThat(this.submitted, "elements.submit() must be called before stripe.createConfirmationToken().");
    const given = params.payment_method_data?.billing_details ?? {};
    const channel = this.channel("stripe.createConfirmationToken()");
    checkBillingDetails(this.payment?.options.fields?.billingDetails, given);
    return channel.ask("tokenize", {
      publishableKey,
      params: JSON.parse(JSON.stringify(params)),
      context: JSON.parse(JSON.stringify(clientContext(this.options))),
    });
  }

  /** @param {string} caller */
  channel(caller) {
    const channel = this.payment?.isReady ? this.payment.channel : null;
    requireThat(channel, `${caller} was called, but the payment Element is not mounted and ready.`);
    return channel;
  }

  /** @param {PaymentElement} element */
  forget(element) {
    if (this.payment === element) {
      this.payment = null;
    }
  }
}
