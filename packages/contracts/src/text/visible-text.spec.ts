import { expect, it } from "vitest";
import { shortText, visibleText } from "./visible-text.ts";

it("shows what would steer a terminal instead of sending it", () => {
  expect(visibleText("\u001b]0;owned\u0007 \u001b[2Jhi\u009b31m\u007f")).toBe(
    "␛]0;owned␇ ␛[2Jhi<U+009B>31m␡",
  );
  expect(visibleText("rm\u202e gpj.\u2066x")).toBe("rm<U+202E> gpj.<U+2066>x");
  expect(visibleText("over\rwritten")).toBe("over␍written");
});

it("leaves text of all scripts, tabs and line ends as they are", () => {
  const text = "a\tb\nשלום 👩‍👩‍👧 e\u0301\n";
  expect(visibleText(text)).toBe(text);
  expect(visibleText("a\r\nb")).toBe("a\nb");
});

it("cuts to one line of the given length", () => {
  expect(shortText("  one\n two\t three ", 40)).toBe("one two three");
  expect(shortText("abcdef", 4)).toBe("abc…");
});

it("shows what would not be seen at all", () => {
  expect(visibleText("git\u200bpush \u3164\u{e0041}\ufeff\u00ad\u2028")).toBe(
    "git<U+200B>push <U+3164><U+E0041><U+FEFF><U+00AD><U+2028>",
  );
});
