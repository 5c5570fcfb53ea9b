package rxweft.bench;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/** Lower-case text that a compressor finds about as much in as in prose: words out of 4096, picked at random. */
final class Words {
  private static final int count = 4096;
  private final byte[][] words = new byte[count][];
  private final SplittableRandom random;

  Words(long seed) {
    random = new SplittableRandom(seed);
    for (int i = 0; i < count; i++) {
      var word = new StringBuilder();
      for (int length = 2 + random.nextInt(8); length > 0; length--) word.append((char) ('a' + random.nextInt(26)));
      words[i] = word.append(' ').toString().getBytes(StandardCharsets.US_ASCII);
    }
  }

  /** From `at` to the end. */
  void fill(byte[] value, int at) {
    while (at < value.length) {
      byte[] word = words[random.nextInt(count)];
      int length = Math.min(word.length, value.length - at);
      System.arraycopy(word, 0, value, at, length);
      at += length;
    }
  }
}
