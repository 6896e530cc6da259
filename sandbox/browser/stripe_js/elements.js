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
    /** @type {(() => void)[]} */
    this.updateListeners = [];
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

  /**
   * @param {Partial<import("./elements_options.js").ElementsOptions>} changes
   * @returns {Promise<void>} done when the fields know of it
   */
  update(changes) {
    const options = { ...this.options, ...changes };
    checkElementsOptions(options);
    this.options = options;
    this.submitted = false;
    this.payment?.greet();
    return Promise.resolve().then(() => this.updateListeners.forEach((listener) => listener()));
  }

  /**
   * @param {string} event
   * @param {() => void} listener
   */
  on(event, listener) {
    requireThat(event === "update-end", `'${event}' is not an event of elements; 'update-end' is.`);
    this.updateListeners.push(listener);
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
   * Have the frame use what was typed. The card's details go from the frame to the gateway; never do they come here.
   * @param {"tokenize" | "confirm"} wish
   * @param {string} caller
   * @param {{publishableKey: string, params: Record<string, any>, clientSecret?: string}} details
   */
  async use(wish, caller, details) {
    requireThat(this.submitted, `elements.submit() must be called before ${caller}.`);
    const channel = this.channel(caller);
    const given = details.params.payment_method_data?.billing_details ?? {};
    checkBillingDetails(caller, this.payment?.options.fields?.billingDetails, given);
    return channel.ask(wish, JSON.parse(JSON.stringify({ ...details, context: clientContext(this.options) })));
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
