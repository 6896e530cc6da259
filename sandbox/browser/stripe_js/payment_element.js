import { addressLineCollected } from "./billing_details.js";
import { connectionError, requireThat, warnOfUnknown } from "./errors.js";
import { FrameChannel, SANDBOX } from "./frame_channel.js";

const EVENTS = ["ready", "change", "focus", "blur", "escape", "loaderror", "loaderstart"];
const PATIENCE_MS = 15_000;

/** @typedef {(event: Record<string, unknown>) => void} Listener */
/** @typedef {import("@stripe/stripe-js").StripePaymentElementOptions} PaymentElementOptions */

/** @satisfies {Record<keyof PaymentElementOptions, true>} */
const KNOWN = {
  defaultValues: true,
  business: true,
  paymentMethodOrder: true,
  fields: true,
  readOnly: true,
  terms: true,
  wallets: true,
  walletOptions: true,
  layout: true,
  applePay: true,
};

/** The Payment Element: a frame of the gateway's origin with the card's fields. */
export class PaymentElement {
  /**
   * @param {import("./elements.js").Elements} elements
   * @param {PaymentElementOptions} options
   */
  constructor(elements, options) {
    warnOfUnknown("create()", options, KNOWN);
    this.elements = elements;
    this.options = options;
    /** @type {Map<string, Set<Listener>>} */
    this.listeners = new Map();
    /** @type {HTMLIFrameElement | null} */
    this.frame = null;
    /** @type {FrameChannel | null} */
    this.channel = null;
    this.isReady = false;
    this.destroyed = false;
  }

  /** @param {string | Element} target */
  mount(target) {
    requireThat(!this.destroyed, "This Element has already been destroyed. Please create a new one.");
    const place = typeof target === "string" ? document.querySelector(target) : target;
    requireThat(
      place instanceof HTMLElement,
      `The selector you specified (${target}) applies to no DOM elements that are currently on the page.`,
    );
    this.unmount();
    place.classList.add("StripeElement");
    this.frame = fieldsFrame();
    this.channel = new FrameChannel(this.frame, (event, body) => this.receive(event, body));
    this.frame.addEventListener("load", () => this.greet());
    place.replaceChildren(this.frame);
    this.patience = setTimeout(() => this.giveUp(), PATIENCE_MS);
    return this;
  }

  greet() {
    this.channel?.send("start", this.presentation());
  }

  presentation() {
    const { appearance, locale } = this.elements.options;
    const fields = this.options.fields?.billingDetails;
    return {
      appearance: structuredClone(appearance ?? {}),
      locale: locale ?? "auto",
      collectCountry: addressLineCollected(fields, "country") !== "never",
      collectPostalCode: addressLineCollected(fields, "postal_code") !== "never",
      defaultAddress: { ...this.options.defaultValues?.billingDetails?.address },
      readOnly: this.options.readOnly ?? false,
    };
  }

  /**
   * @param {string} event
   * @param {Record<string, unknown>} body
   */
  receive(event, body) {
    if (event === "resize") {
      this.resize(Number(body.height));
      return;
    }
    if (event === "ready") {
      clearTimeout(this.patience);
      this.isReady = true;
      this.emit("loaderstart", {});
    }
    if (event === "change") {
      this.elements.submitted = false;
    }
    this.emit(event, body);
  }

  /** @param {number} height in CSS pixels */
  resize(height) {
    if (this.frame) {
      this.frame.style.height = `${Math.max(0, height)}px`;
    }
  }

  giveUp() {
    this.emit("loaderror", { error: connectionError() });
  }

  /**
   * @param {string} event
   * @param {Record<string, unknown>} body
   */
  emit(event, body) {
    for (const listener of this.listeners.get(event) ?? []) {
      listener({ elementType: "payment", ...body });
    }
  }

  /**
   * @param {string} event
   * @param {Listener} listener
   */
  on(event, listener) {
    requireThat(EVENTS.includes(event), `'${event}' is not an event of the payment Element.`);
    const listeners = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, listeners.add(listener));
    return this;
  }

  /**
   * @param {string} event
   * @param {Listener} listener
   */
  once(event, listener) {
    /** @type {Listener} */
    const wrapped = (body) => {
      this.off(event, wrapped);
      listener(body);
    };
    return this.on(event, wrapped);
  }

  /**
   * @param {string} event
   * @param {Listener} [listener] all of them, if none is named
   */
  off(event, listener) {
    if (listener) {
      this.listeners.get(event)?.delete(listener);
    } else {
      this.listeners.delete(event);
    }
    return this;
  }

  /** @param {PaymentElementOptions} options */
  update(options) {
    Object.assign(this.options, options);
    this.greet();
  }

  /**
   * The page gives the focus to the frame, the frame to one of its fields: neither can do both across sites.
   * @param {string} [field]
   */
  focus(field = "card number") {
    this.frame?.focus();
    this.channel?.send("focus", { field });
  }

  blur() {
    this.channel?.send("blur");
    this.frame?.blur();
  }

  clear() {
    this.channel?.send("clear");
  }

  collapse() {
    return this;
  }

  unmount() {
    clearTimeout(this.patience);
    this.isReady = false;
    this.channel?.close();
    this.channel = null;
    this.frame?.remove();
    this.frame = null;
  }

  destroy() {
    this.unmount();
    this.destroyed = true;
    this.elements.forget(this);
  }
}

/** The styles are set property by property: a page's policy may forbid style attributes and style elements. */
function fieldsFrame() {
  const frame = document.createElement("iframe");
  frame.title = "Secure payment input frame";
  frame.name = "sandbox-payment-fields";
  frame.allow = "payment *";
  frame.src = `${SANDBOX}/elements/payment`;
  Object.assign(frame.style, {
    border: "0",
    display: "block",
    width: "calc(100% + 8px)",
    height: "160px",
    margin: "-4px",
    colorScheme: "normal",
  });
  return frame;
}
