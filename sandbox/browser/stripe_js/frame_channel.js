import { IntegrationError } from "./errors.js";

/** Where this script came from: frames and API are there too. */
export const SANDBOX = new URL(/** @type {HTMLScriptElement} */ (document.currentScript).src).origin;

/**
 * @typedef {object} FrameEvent
 * @property {string} event
 * @property {Record<string, unknown>} body
 */

/**
 * A private line to one frame.
 *
 * The frame gets one end of a MessageChannel in a message that only a document of the sandbox's own origin can
 * receive; all else goes over that line, which no other window can listen to or speak on.
 */
export class FrameChannel {
  /**
   * @param {HTMLIFrameElement} frame
   * @param {(event: string, body: Record<string, unknown>) => void} onEvent
   */
  constructor(frame, onEvent) {
    this.frame = frame;
    this.onEvent = onEvent;
    /** @type {Map<number, {resolve: (answer: Record<string, unknown>) => void, reject: (error: Error) => void}>} */
    this.waiting = new Map();
    /** @type {MessagePort | null} */
    this.port = null;
    frame.addEventListener("load", () => this.connect());
  }

  connect() {
    this.port?.close();
    const channel = new MessageChannel();
    this.port = channel.port1;
    this.port.onmessage = (message) => this.receive(message.data);
    this.frame.contentWindow?.postMessage({ type: "sandbox:connect" }, SANDBOX, [channel.port2]);
  }

  /** @param {FrameEvent & {reply?: number}} message */
  receive(message) {
    if (message.reply === undefined) {
      this.onEvent(message.event, message.body);
      return;
    }
    this.waiting.get(message.reply)?.resolve(message.body);
    this.waiting.delete(message.reply);
  }

  /**
   * Tell the frame something.
   * @param {string} type
   * @param {Record<string, unknown>} [body]
   */
  send(type, body = {}) {
    this.port?.postMessage({ type, body });
  }

  /**
   * Ask the frame for something.
   * @param {string} type
   * @param {Record<string, unknown>} [body]
   * @returns {Promise<any>}
   */
  ask(type, body = {}) {
    const id = (FrameChannel.asked += 1);
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.port?.postMessage({ type, body, id });
    });
  }

  /** Whoever still waits for an answer hears that none comes. */
  close() {
    this.port?.close();
    this.port = null;
    for (const { reject } of this.waiting.values()) {
      reject(new IntegrationError("The Element was unmounted before it could answer. Keep it mounted until then."));
    }
    this.waiting.clear();
  }
}

/** How many questions were asked so far; each answer names its question. */
FrameChannel.asked = 0;
