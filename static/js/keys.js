// The keyboard: what it does on a page is read from the page itself.
//   data-key="n"      the key that presses this (or puts the focus into it); "shift+j", "escape"
//   data-then="#id"   where the focus goes once its key has pressed this
//   data-go="l"       G, then this key, goes to the link
//   data-main         Ctrl or ⌘ with Enter presses it
//   data-search       / puts the focus here
//   data-rows         a list: J K move, X selects, Space previews
//   data-preview-keys="e Email"  keys of a preview that work on the row one stands on, and their names
"use strict";

(() => {
  const { one, all, say, openDialog, isMac } = Relay;

  const typing = (element) =>
    element?.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
  const lettersOff = () => document.body.dataset.shortcuts === "off";
  // Behind an open dialog nothing can be pressed.
  const scope = () => all("dialog[open]").pop() || document;
  const shown = (elements) => elements.filter((element) => element.checkVisibility());
  const press = (element) => {
    if (typing(element)) element.focus();
    else element.click();
    if (element.dataset.then) one(element.dataset.then)?.focus();
  };

  // --- Lists ---

  const list = () => one("[data-rows]");
  const rows = () => all("[data-rows] tr, [data-rows] [data-row]");
  const box = (row) => one("input[type=checkbox][data-select]", row);
  const activeRow = () => one("[data-rows] .active");
  let lastToggled = null;
  let previewTimer = 0;

  const standOn = (row) => {
    activeRow()?.classList.remove("active");
    row.classList.add("active");
  };
  const activate = (row) => {
    if (!row) return;
    standOn(row);
    row.scrollIntoView({ block: "nearest" });
    one("a", row)?.focus({ preventScroll: true });
    if (!one("[data-preview-panel]")) return;
    clearTimeout(previewTimer);
    previewTimer = setTimeout(() => one("[data-preview]", row)?.click(), 120);
  };
  const move = (step) => {
    const found = rows();
    const at = found.indexOf(activeRow());
    activate(found[at < 0 ? 0 : at + step]);
  };

  const showSelection = (spoken) => {
    const boxes = rows().map(box).filter(Boolean);
    const count = boxes.filter((each) => each.checked).length;
    boxes.forEach((each) => each.closest("tr, [data-row]").setAttribute("aria-selected", each.checked));
    const bar = one("[data-bulk]");
    if (bar) {
      bar.hidden = !count;
      one("[data-count]", bar).textContent = `${count} selected`;
    }
    const whole = one("[data-all]");
    if (whole) {
      whole.checked = count > 0 && count === boxes.length;
      whole.indeterminate = count > 0 && count < boxes.length;
    }
    if (spoken) say(`${count} selected`);
  };
  const selectAll = (checked) => {
    rows().map(box).filter(Boolean).forEach((each) => (each.checked = checked));
    showSelection(true);
  };
  const toggle = (extend) => {
    const found = rows();
    const row = activeRow() || found[0];
    if (!row || !box(row)) return;
    activate(row);
    const here = found.indexOf(row);
    const from = extend && lastToggled ? Math.max(0, found.indexOf(lastToggled)) : here;
    const checked = extend || !box(row).checked;
    for (let at = Math.min(from, here); at <= Math.max(from, here); at += 1) box(found[at]).checked = checked;
    lastToggled = row;
    showSelection(true);
  };
  document.addEventListener("change", ({ target }) => {
    if (target.matches("[data-all]")) selectAll(target.checked);
    else if (target.matches("[data-select]")) showSelection(true);
  });
  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-clear]")) selectAll(false);
    const peek = target.closest("[data-rows] [data-preview]");
    if (peek) standOn(peek.closest("tr, [data-row]"));
  });

  // --- Keys of a preview, for the row one stands on: its preview opens first ---

  let awaited = "";
  const previewKeys = () =>
    (list()?.dataset.previewKeys || "").split(", ").filter(Boolean).map((part) => [part[0], part.slice(2)]);
  const isPreviewed = (row) => one("[data-preview-panel]")?.dataset.previewPanel === box(row)?.value;
  const openFor = (key) => {
    const row = activeRow();
    if (!row || isPreviewed(row) || !previewKeys().some(([offered]) => offered === key)) return false;
    clearTimeout(previewTimer);
    one("[data-preview]", row).click();
    awaited = key;
    return true;
  };
  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
    if (!awaited || !ctx.sourceElement?.matches?.("[data-preview]")) return;
    const element = isPreviewed(activeRow()) && one(`[data-preview-panel] [data-key="${awaited}"]`);
    awaited = "";
    if (element) press(element);
  });

  /** What a key does in a list; false where it means nothing there. */
  const listKey = (event) => {
    if (!list()) return false;
    const inside = list().contains(document.activeElement);
    switch (event.key) {
      case "j":
        return move(1), true;
      case "k":
        return move(-1), true;
      case "ArrowDown":
        return inside && (move(1), true);
      case "ArrowUp":
        return inside && (move(-1), true);
      case "x":
        return toggle(false), true;
      case "X":
        return toggle(true), true;
      case " ": {
        const preview = activeRow() && one("[data-preview]", activeRow());
        const idle = inside && !document.activeElement.matches("button, input");
        return Boolean(preview && idle && (preview.click(), true));
      }
      default:
        return false;
    }
  };

  // --- Keys that templates name ---

  const named = (event) => {
    const bare = event.key.toLowerCase();
    const name = event.shiftKey && bare.length === 1 && bare !== event.key ? `shift+${bare}` : bare;
    const keyed = `[data-key="${CSS.escape(name)}"]`;
    const found = shown(all(keyed, scope()));
    // What is done with ticked rows is done with the row one stands on, where none is ticked.
    const bulk = !found.length && scope() === document && activeRow() && one(`[data-bulk][hidden] ${keyed}`);
    if (bulk) return toggle(false), bulk;
    // The row one stands on comes before the others with the same keys.
    return found.find((element) => activeRow()?.contains(element)) || found[0];
  };

  let chord = false;
  const goTo = (key) => {
    chord = false;
    one(`[data-go="${CSS.escape(key)}"]`)?.click();
  };

  const fold = () => {
    const root = document.documentElement;
    const folded = root.dataset.side !== "folded";
    if (folded) root.dataset.side = "folded";
    else delete root.dataset.side;
    document.cookie = `relay-side=${folded ? "folded" : ""}; path=/; max-age=${folded ? 31536000 : 0}; samesite=lax`;
    say(folded ? "Sidebar folded" : "Sidebar open");
  };

  const search = () => {
    const field = shown(all("[data-search], #main input[type=search]"))[0];
    field?.focus();
    field?.select?.();
    return Boolean(field);
  };

  const pressMain = () => {
    const near = document.activeElement?.closest("form");
    const main = (near && one("[data-main]", near)) || shown(all("[data-main]", scope())).pop();
    main?.click();
    return Boolean(main);
  };

  const escape = () => {
    if (scope() !== document || one(":popover-open")) return false;
    if (typing(document.activeElement)) {
      document.activeElement.blur();
      return true;
    }
    if (rows().some((row) => box(row)?.checked)) {
      selectAll(false);
      return true;
    }
    const closer = shown(all('[data-key="escape"]'))[0];
    closer?.click();
    return Boolean(closer);
  };

  /** Run what the key means here; true when it meant something. */
  const handle = (event) => {
    const mod = event.metaKey || event.ctrlKey;
    awaited = "";
    if (mod && event.key.toLowerCase() === "k" && one("#palette")) return openDialog("palette"), true;
    if (mod && event.key === "Enter") return pressMain();
    if (event.key === "Escape") return escape();
    if (typing(event.target) || event.altKey || lettersOff()) return false;
    if (mod) {
      const undo = event.key === "z" && one("#toasts form button");
      if (undo) return undo.click(), true;
      const all = event.key === "a" && list()?.contains(document.activeElement) && one("[data-select]");
      return Boolean(all) && (selectAll(true), true);
    }
    if (chord) return goTo(event.key), true;
    if (scope() === document && openFor(event.key)) return true;
    const element = named(event);
    if (element) return press(element), true;
    if (scope() !== document) return false;
    if (event.key === "g") {
      chord = true;
      setTimeout(() => (chord = false), 1200);
      return true;
    }
    if (event.key === "/") return search();
    if (event.key === "?") return showSheet(), true;
    if (event.key === "[") return fold(), true;
    return listKey(event);
  };
  document.addEventListener("keydown", (event) => {
    if (!event.defaultPrevented && !event.isComposing && handle(event)) event.preventDefault();
  });

  // --- The sheet of keys, made from what the page offers right now ---

  const nameOf = (element) => {
    const text = [...element.childNodes].filter((node) => !node.matches?.(".n, .c")).map((node) => node.textContent);
    const label = element.getAttribute("aria-label") || element.labels?.[0]?.textContent || text.join("");
    const words = label.replace(/\s+/g, " ").trim();
    const keys = all("kbd", element).map((key) => key.textContent).join("");
    return keys && words.endsWith(keys) ? words.slice(0, -keys.length).trim() : words;
  };
  const offers = () => {
    const mod = isMac ? "⌘" : "Ctrl";
    const entries = [];
    if (one("#palette")) entries.push([[mod, "K"], "Search or jump to"]);
    if (shown(all("[data-search], #main input[type=search]"))[0]) entries.push([["/"], "Search on this page"]);
    const main = shown(all("#main [data-main]")).pop();
    if (main) entries.push([[mod, "⏎"], nameOf(main)]);
    const told = new Set();
    for (const element of shown(all("#main [data-key]"))) {
      if (told.has(element.dataset.key)) continue;
      told.add(element.dataset.key);
      entries.push([element.dataset.key.split("+"), nameOf(element)]);
    }
    for (const [key, text] of previewKeys()) if (!told.has(key)) entries.push([[key], text]);
    if (list()) entries.push([["J", "K"], "Next, previous row"]);
    if (list() && one("[data-select]")) entries.push([["X"], "Select; with Shift a range"]);
    if (list() && one("[data-preview]")) entries.push([["Space"], "Preview"]);
    for (const link of shown(all(".side [data-go]"))) entries.push([["G", link.dataset.go], `Go to ${nameOf(link)}`]);
    entries.push([["["], "Fold the sidebar"], [["Esc"], "Close what is open"]);
    return entries;
  };
  const showSheet = () => {
    const lines = offers().flatMap(([keys, text]) => {
      const term = document.createElement("dt");
      term.append(
        ...keys.map((key) => {
          const cap = document.createElement("kbd");
          cap.textContent = key.length === 1 ? key.toUpperCase() : key[0].toUpperCase() + key.slice(1);
          return cap;
        }),
      );
      const description = document.createElement("dd");
      description.textContent = text;
      return [term, description];
    });
    one("#keys .keys").replaceChildren(...lines);
    openDialog("keys");
  };
  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-keys-sheet]")) showSheet();
  });

  addEventListener("DOMContentLoaded", () => showSelection(false));
  document.addEventListener("htmx:after:swap", () => showSelection(false));
})();
