package rxweft.bench;

import java.nio.charset.StandardCharsets;

/** Compares the counts in a sink with the words in its source. Prints what it found as JSON. */
public final class VerifyCounts {
  public static void main(String[] args) throws Exception {
    Parent.watch();
    var options = new Options(args);
    var expected = new Tally();
    try (var source = new Reading(options, options.text("source"), false)) {
      source.each(record -> {
        int word = word(record.value());
        if (word < 0) throw new IllegalArgumentException("the source has what feedWords did not write");
        expected.set(word, expected.get(word) + 1);
      });
    }
    var last = new Tally();
    var found = new Found();
    var series = new Series();
    try (var sink = new Reading(options, options.text("sink"), true)) {
      found.undecided = sink.undecided();
      sink.each(record -> {
        found.records += 1;
        series.add(record.timestamp());
        int word = word(record.key());
        int count = number(record.value(), 0);
        if (word < 0 || count < 0 || expected.get(word) == 0) {
          found.foreign += 1;
          return;
        }
        if (count <= last.get(word)) found.notRising += 1;
        last.set(word, count);
      });
    }
    System.out.println(found.report(expected, last, series));
  }

  private static final class Found {
    long records = 0;
    long notRising = 0;
    long foreign = 0;
    long undecided = 0;

    String report(Tally expected, Tally last, Series series) {
      long all = 0, words = 0, missing = 0, wrong = 0;
      for (int word = 0; word < expected.length(); word++) {
        if (expected.get(word) == 0) continue;
        all += expected.get(word);
        words += 1;
        if (last.get(word) == 0) missing += 1;
        else if (last.get(word) != expected.get(word)) wrong += 1;
      }
      return String.format(
          "{\"records\":%d,\"expected\":%d,\"words\":%d,\"missing\":%d,\"wrong\":%d,\"notRising\":%d,\"foreign\":%d,\"undecided\":%d,\"series\":%s}",
          records, all, words, missing, wrong, notRising, foreign, undecided, series);
    }
  }

  /** The number in "w42"; -1: it is no such word. */
  private static int word(byte[] text) {
    return text == null || text.length == 0 || text[0] != 'w' ? -1 : number(text, 1);
  }

  private static int number(byte[] text, int from) {
    if (text == null || text.length == from || text.length - from > 9) return -1;
    for (int i = from; i < text.length; i++) if (text[i] < '0' || text[i] > '9') return -1;
    return Integer.parseInt(new String(text, from, text.length - from, StandardCharsets.US_ASCII));
  }

  private VerifyCounts() {}
}
