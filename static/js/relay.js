// What every page needs: messages, forms that post once, drafts, dialogs, focus, loading.
// Behavior hangs on data- attributes; nothing here evaluates text as code.
"use strict";

const Relay = (() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

  /** Say something to screen readers without moving the focus. */
  const say = (text) => {
    const voice = one("#voice");
    if (!voice) return;
    voice.textContent = "";
    requestAnimationFrame(() => (voice.textContent = text));
  };

  // --- Toasts ---

  const toast = (message, level = "error") => {
    const template = one("#toast-template");
    if (!template) return;
    const element = template.content.firstElementChild.cloneNode(true);
    element.className = `toast ${level}`;
    one("span", element).textContent = message;
    one("#toasts").append(element);
  };

  // Errors stay until dismissed; the rest leaves, but not from under the pointer.
  const armToast = (element) => {
    if (element.dataset.armed || element.matches(".error")) return;
    element.dataset.armed = "true";
    const leave = () => {
      if (element.matches(":hover, :focus-within")) setTimeout(leave, 2000);
      else element.remove();
    };
    setTimeout(leave, 10000);
  };

  const watchToasts = () => {
    const holder = one("#toasts");
    if (!holder) return;
    all("[data-toast]", holder).forEach(armToast);
    new MutationObserver(() => all("[data-toast]", holder).forEach(armToast)).observe(holder, {
      childList: true,
    });
  };

  const FAILURES = {
    404: "This no longer exists, or is not yours to see.",
    413: "That is too large to send.",
    429: "Too many requests. Wait a moment, then try again.",
  };
  document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
    const { status, headers } = ctx.response;
    if (status < 500 && !FAILURES[status]) return;
    ctx.text = ""; // htmx parses what it does not show, too: styles of a debug page.
    const id = headers.get("X-Request-ID");
    toast(FAILURES[status] || `The server had a problem; nothing was saved.${id ? ` Error ${id}` : ""}`);
  });
  document.addEventListener("htmx:error", ({ detail: { ctx, error } }) => {
    if (!ctx) return;
    const late = ctx.request?.signal?.reason === "timeout";
    if (late) toast("The server takes too long to answer. Try again.");
    else if (error instanceof TypeError) toast("No connection. Nothing was saved; try again.");
  });

  // --- Forms post once ---

  const BUSY = "aria-busy";
  const setBusy = (element, busy) => {
    if (!element) return;
    element.toggleAttribute("data-sending", busy);
    const button = element.relaySubmitter;
    for (const name of [BUSY, "aria-disabled"]) {
      if (busy) button?.setAttribute(name, "true");
      else button?.removeAttribute(name);
    }
  };

  document.addEventListener(
    "submit",
    (event) => {
      if (!event.target.hasAttribute("data-sending")) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    true,
  );
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const posts = form.method === "post" || form.hasAttribute("hx-post");
    if (!posts || form.hasAttribute("data-download")) return;
    form.relaySubmitter = event.submitter;
    const byHtmx = event.defaultPrevented;
    if (!byHtmx) rememberSent(form);
    // At once: a second click may be waiting behind this one, and no timer comes between.
    setBusy(form, true);
    if (!byHtmx) setTimeout(() => setBusy(form, false), 15000);
  });
  document.addEventListener(
    "click",
    (event) => {
      const button = event.target.closest?.("[aria-disabled=true], [aria-busy=true]:not(body)");
      if (!button?.matches("a, button")) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (button.dataset.missing) one(button.dataset.missing)?.focus();
    },
    true,
  );
  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
    const source = ctx.sourceElement;
    if (source?.matches?.("form")) setTimeout(() => setBusy(source, false));
  });
  // A page that comes back from the back button may be used again.
  addEventListener("pageshow", (event) => {
    if (event.persisted) all("[data-sending]").forEach((element) => setBusy(element, false));
  });

  // --- Drafts: long text survives a lost connection or an expired session ---

  const SENT = "relay:sent";
  const draftKey = (area) => `relay:draft:${area.dataset.draft || location.pathname}:${area.name}`;
  const drafts = (root = document) => all("textarea[data-draft]", root);
  const sentKeys = () => JSON.parse(sessionStorage.getItem(SENT) || "[]");

  const rememberSent = (form) => {
    const keys = drafts(form).map(draftKey);
    if (keys.length) sessionStorage.setItem(SENT, JSON.stringify([...sentKeys(), ...keys]));
  };
  // A form that comes back filled was refused; one that does not was accepted.
  const forgetAccepted = () => {
    const refused = drafts().filter((area) => area.value).map(draftKey);
    const accepted = sentKeys().filter((key) => !refused.includes(key));
    // Pages to sign in or about an error accepted nothing.
    if (one(".app")) accepted.forEach((key) => sessionStorage.removeItem(key));
    sessionStorage.removeItem(SENT);
  };
  const offerDrafts = (root) => {
    for (const area of drafts(root)) {
      const kept = sessionStorage.getItem(draftKey(area));
      if (!kept || area.value || area.dataset.offered) continue;
      area.dataset.offered = "true";
      area.value = kept;
      toast("What you had written is back.", "info");
    }
  };
  document.addEventListener("input", ({ target }) => {
    if (!target.matches?.("textarea[data-draft]")) return;
    if (target.value) sessionStorage.setItem(draftKey(target), target.value);
    else sessionStorage.removeItem(draftKey(target));
  });
  document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
    const form = ctx.request?.form;
    if (!form || ctx.request.method === "GET" || ctx.response.status >= 400) return;
    // The page it leads to shows whether it was accepted.
    if (ctx.hx.redirect) rememberSent(form);
    else drafts(form).forEach((area) => sessionStorage.removeItem(draftKey(area)));
  });

  const showConnection = () => {
    const banner = one("#offline");
    if (banner) banner.hidden = navigator.onLine;
  };
  addEventListener("online", showConnection);
  addEventListener("offline", showConnection);

  // --- Dialogs and popovers: the browser's own ---

  const openDialog = (id) => {
    const dialog = document.getElementById(id);
    if (!dialog || dialog.open) return;
    document.querySelectorAll(":popover-open").forEach((popover) => popover.hidePopover());
    dialog.showModal();
    // What is to be filled in comes first, not the cross that closes it again.
    one(".in :is(input:not([type=hidden]), select, textarea)", dialog)?.focus();
    dialog.dispatchEvent(new CustomEvent("relay:open"));
  };
  let invoker = null;
  document.addEventListener("click", (event) => {
    const { target } = event;
    const opener = target.closest("[data-dialog]");
    if (opener) openDialog(opener.dataset.dialog);
    if (target.closest("[data-dismiss]")) target.closest("[data-toast]")?.remove();
    if (target.closest("[data-close]")) target.closest("dialog")?.close();
    if (target.matches("dialog")) target.close();
    if (target.closest("[data-print]")) print();
    invoker = target.closest("[popovertarget]") || invoker;
  });
  // A menu stands beside the button that opened it, inside the window.
  document.addEventListener(
    "toggle",
    (event) => {
      const menu = event.target;
      if (event.newState !== "open" || !menu.matches?.("[popover][data-anchor]") || !invoker) return;
      const from = invoker.getBoundingClientRect();
      const { offsetWidth: width, offsetHeight: height } = menu;
      const below = from.bottom + 4 + height < innerHeight;
      menu.style.top = `${Math.max(8, below ? from.bottom + 4 : from.top - height - 4)}px`;
      menu.style.left = `${Math.max(8, Math.min(from.left, innerWidth - width - 8))}px`;
    },
    true,
  );

  // The button that chooses files says which ones are chosen; its field lies over it, unseen.
  document.addEventListener("change", ({ target }) => {
    const words = one("span", target.closest?.(".attach") || target);
    if (!words || target.type !== "file") return;
    words.dataset.empty ||= words.textContent;
    words.textContent = [...target.files].map((file) => file.name).join(", ") || words.dataset.empty;
  });

  // --- What was refused is looked at again once it is changed and left ---
  // The browser knows its own rules; what only the server knows is marked as not checked yet.

  const refusalOf = (field) => {
    const named = field.closest?.("[aria-describedby]")?.getAttribute("aria-describedby") || "";
    return named.split(" ").map((id) => document.getElementById(id)).find((each) => each?.matches(".err, .err-list"));
  };
  document.addEventListener("change", ({ target }) => {
    // A combobox tells of what was chosen by its select.
    const refusal = !target.matches("[role=combobox]") && refusalOf(target);
    if (!refusal) return;
    const { valid } = target.validity;
    const words = valid ? "Changed, not checked yet." : target.validationMessage;
    const [first, ...others] = all(".err", refusal);
    others.forEach((each) => each.remove());
    (first || refusal).lastChild.textContent = words;
    const inSummary = one(`.errors [href="#${refusal.id.replace("_error", "")}"]`)?.closest("li");
    for (const each of [refusal, inSummary]) each?.classList.toggle("again", valid);
    all("[aria-invalid]", refusal.parentElement).forEach((each) => each.setAttribute("aria-invalid", !valid));
    say(words);
  });

  // --- Where the focus goes, and what is said, when a part of the page is replaced ---

  const WRONG = "[aria-invalid=true], [data-focus]";
  const settle = (root) => {
    offerDrafts(root);
    all("dialog[data-open]:not([open])", root).forEach((dialog) => openDialog(dialog.id));
    showModifier(root);
    one(WRONG, root)?.focus();
    const spoken = root.matches?.("[data-say]") ? root : one("[data-say]", root);
    if (spoken && root !== document) say(spoken.dataset.say);
  };
  let focusedId = "";
  document.addEventListener("htmx:before:swap", () => (focusedId = document.activeElement?.id));
  document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
    const before = focusedId;
    const found = typeof ctx.target === "string" ? one(ctx.target) : ctx.target;
    const root = found?.isConnected ? found : (found?.id && document.getElementById(found.id)) || document;
    settle(root === document ? one("#main") || document : root);
    if (document.activeElement !== document.body) return;
    const again = before && document.getElementById(before);
    if (again) again.focus();
    else (root.matches?.("[tabindex]") ? root : one("#main"))?.focus({ preventScroll: true });
  });

  // --- Loading: a bar after 300 ms, and never for polling ---

  let waiting = 0;
  const quiet = (ctx) => ctx.sourceElement?.matches?.("[data-quiet]");
  document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
    if (quiet(ctx)) return;
    waiting += 1;
    ctx.relayCounted = true;
    setTimeout(() => waiting && document.body.setAttribute(BUSY, "true"), 300);
  });
  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
    if (!ctx.relayCounted) return;
    waiting -= 1;
    if (!waiting) document.body.removeAttribute(BUSY);
  });

  // --- The bell: what has come in is counted again while somebody looks ---

  const TAG = "relay-bell";
  const ring = async () => {
    const bells = all("[data-polls]");
    if (!bells.length || document.hidden || !navigator.onLine) return;
    const headers = { "If-None-Match": sessionStorage.getItem(TAG) || "" };
    let answer;
    try {
      answer = await fetch(bells[0].dataset.polls, { headers, redirect: "manual" });
    } catch {
      return; // No connection; the next time may have one.
    }
    // Nobody is signed in any more: the next click says so.
    if (answer.type === "opaqueredirect") clearInterval(ringing);
    if (!answer.ok) return;
    const count = await answer.text();
    sessionStorage.setItem(TAG, answer.headers.get("ETag") || "");
    bells.forEach((bell) => {
      one(".n", bell)?.remove();
      bell.insertAdjacentHTML("beforeend", count);
    });
  };
  const ringing = setInterval(ring, 30000);

  // Templates say Ctrl; a Mac has another key there.
  const showModifier = (root) => {
    if (!isMac) return;
    all("[data-mod]", root).forEach((key) => (key.textContent = key.textContent.replace(/Ctrl ?/, "⌘")));
  };

  addEventListener("DOMContentLoaded", () => {
    watchToasts();
    showConnection();
    forgetAccepted();
    settle(document);
  });

  return { one, all, say, toast, openDialog, isMac };
})();
