// A board: cards move between lanes by pointer, by keyboard, or by the form each card carries.
//   data-board        the whole, replaced by the answer
//   data-lane="3"     a lane's list; the value is what the card's select takes
//   data-card         a card; inside it a form with select[data-move]
// Moving a card fills in its form and sends it, so the server hears of it in one way only.
"use strict";

(() => {
  const { one, all, say } = Relay;
  const laneOf = (card) => card.closest("[data-lane]");
  const laneName = (lane) => lane.getAttribute("aria-label") || lane.dataset.lane;
  const cardName = (card) => one("a", card)?.textContent.trim();
  // Where each card being moved came from, to put it back when the move fails.
  const origins = new WeakMap();

  const send = (card) => {
    const select = one("select[data-move]", card);
    select.value = laneOf(card).dataset.lane;
    select.form.requestSubmit();
    say(`${cardName(card)} moved to ${laneName(laneOf(card))}`);
  };
  const putBack = (card) => {
    const origin = origins.get(card);
    if (!origin) return;
    origin.lane.insertBefore(card, origin.next?.isConnected ? origin.next : null);
    origins.delete(card);
    say(`${cardName(card)} is back in ${laneName(laneOf(card))}`);
  };

  const makeSortable = () => {
    for (const lane of all("[data-lane]")) {
      if (lane.dataset.sortable) continue;
      lane.dataset.sortable = "true";
      Sortable.create(lane, {
        group: "board",
        draggable: "[data-card]",
        filter: "form, details",
        preventOnFilter: false,
        animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 120,
        delay: 120,
        delayOnTouchOnly: true,
        onStart: ({ item }) => origins.set(item, { lane: laneOf(item), next: item.nextElementSibling }),
        onEnd: ({ item, from, to }) => {
          if (from !== to) send(item);
        },
      });
    }
  };

  // --- Space takes a card up, arrows carry it, Space or Enter drops it, Escape puts it back ---

  let held = null;
  const release = () => {
    held?.classList.remove("grab");
    held = null;
  };
  const carry = (step) => {
    const lanes = all("[data-lane]");
    const lane = lanes[lanes.indexOf(laneOf(held)) + step];
    if (!lane) return;
    lane.prepend(held);
    one("a", held)?.focus();
    held.scrollIntoView({ block: "nearest", inline: "nearest" });
    say(laneName(lane));
  };
  const takeUp = (card) => {
    held = card;
    card.classList.add("grab");
    origins.set(card, { lane: laneOf(card), next: card.nextElementSibling });
    say(`${cardName(card)} taken up. Left and right carry it, Space drops it, Escape puts it back.`);
  };
  const keyWhileHeld = (event) => {
    const card = held;
    if (event.key === "ArrowLeft") carry(-1);
    else if (event.key === "ArrowRight") carry(1);
    else if (event.key === " " || event.key === "Enter") {
      release();
      if (laneOf(card) !== origins.get(card).lane) send(card);
    } else if (event.key === "Escape") {
      release();
      putBack(card);
      one("a", card)?.focus();
    } else return false;
    return true;
  };
  document.addEventListener(
    "keydown",
    (event) => {
      const card = event.target.closest?.("[data-card]");
      const onCard = card && event.target.matches("a, [data-card]");
      if (held ? keyWhileHeld(event) : onCard && event.key === " " && (takeUp(card), true)) {
        event.preventDefault();
        event.stopPropagation();
      }
    },
    true,
  );

  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
    const card = ctx.sourceElement?.closest?.("[data-card]");
    if (card?.isConnected && !(ctx.response?.status < 400)) putBack(card);
  });
  addEventListener("DOMContentLoaded", makeSortable);
  document.addEventListener("htmx:after:swap", makeSortable);
})();
