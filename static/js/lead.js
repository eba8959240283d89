// What only the pages on which a lead or a deal is worked need.
//   data-release="/queue/release/"   a form: its claim ends when the page is left
//   data-said="7"     the words of an activity; marking some offers to use them as evidence
//   data-quotes="7"   the link that does so, for all of them where none are marked
"use strict";

(() => {
  const { one, all } = Relay;

  addEventListener("pagehide", () =>
    all("[data-release]").forEach((form) => {
      const body = new FormData(form);
      body.append("token", form.dataset.token);
      navigator.sendBeacon(form.dataset.release, body);
    }),
  );

  // An answer is saved with its first change; what is typed on meanwhile stays, for the next.
  const typed = (form) => new URLSearchParams(new FormData(form)).toString();
  document.addEventListener("htmx:before:request", ({ target, detail: { ctx } }) => {
    if (target.matches?.(".q form")) ctx.typed = typed(target);
  });
  document.addEventListener("htmx:before:swap", ({ target, detail: { ctx, tasks } }) => {
    if (!ctx.typed || ctx.typed === typed(target)) return;
    tasks.splice(tasks.findIndex(({ type }) => type === "main"), 1);
  });

  const offer = document.createElement("button");
  Object.assign(offer, { type: "button", className: "btn sm primary quote", textContent: "Use as evidence" });
  offer.hidden = true;
  document.body.append(offer);
  let marked = {};
  const linkOf = (said) => one(`[data-quotes="${said.dataset.said}"]`);

  document.addEventListener("selectionchange", () => {
    const selection = getSelection();
    const range = selection.rangeCount && selection.getRangeAt(0);
    const within = range && range.commonAncestorContainer;
    const said = (within?.closest ? within : within?.parentElement)?.closest("[data-said]");
    const text = selection.toString().trim();
    offer.hidden = !text || !said || !linkOf(said);
    if (offer.hidden) return;
    marked = { of: said.dataset.said, text, link: linkOf(said) };
    const { left, bottom } = range.getBoundingClientRect();
    offer.style.left = `${Math.max(8, Math.min(left, innerWidth - 160))}px`;
    offer.style.top = `${Math.min(bottom + 6, innerHeight - 48)}px`;
  });
  // The words stay marked while the button is pressed.
  offer.addEventListener("pointerdown", (event) => event.preventDefault());
  offer.addEventListener("click", () => marked.link.click());
  addEventListener("scroll", () => (offer.hidden = true), { capture: true, passive: true });

  document.addEventListener("htmx:after:swap", () => {
    const words = one(`#dialog form[action$="/evidence/${marked.of}/"] textarea`);
    if (!words) return;
    words.value = marked.text;
    marked = {};
    getSelection().removeAllRanges();
  });
})();
