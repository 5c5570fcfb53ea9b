package rxweft.bench;

import java.util.Arrays;

/** A number for each word, by the number of the word; 0 to begin with. Grows. */
final class Tally {
  private int[] counts = new int[1 << 16];

  int get(int word) {
    return word < counts.length ? counts[word] : 0;
  }

  void set(int word, int count) {
    if (word >= counts.length) counts = Arrays.copyOf(counts, Math.max(word + 1, counts.length * 2));
    counts[word] = count;
  }

  int length() {
    return counts.length;
  }
}
