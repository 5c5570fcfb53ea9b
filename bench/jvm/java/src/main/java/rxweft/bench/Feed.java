package rxweft.bench;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/** Fills a topic with labelled lower-case text. The same options make the same records. */
public final class Feed {
  public static void main(String[] args) throws Exception {
    Parent.watch();
    var options = new Options(args);
    int partitions = options.number("partitions");
    long records = options.big("records");
    int bytes = options.number("valueBytes");
    if (bytes < Label.length) throw new IllegalArgumentException("valueBytes must be at least " + Label.length);
    long seed = options.big("seed");
    var words = new Words(seed);
    var keys = options.has("keys") ? new Keys(options.number("keys"), seed) : null;
    try (var feeder = new Feeder(options)) {
      Runs.of(records, partitions, (partition, number) -> {
        // A new array for each: until a batch is full the producer may still look at it.
        byte[] value = new byte[bytes];
        Label.write(value, partition, number);
        words.fill(value, Label.length);
        feeder.send(partition, keys == null ? null : keys.next(), value);
      });
    }
  }

  /** "k" and a number below n. */
  private static final class Keys {
    private final int n;
    private final SplittableRandom random;

    Keys(int n, long seed) {
      this.n = n;
      random = new SplittableRandom(~seed);
    }

    byte[] next() {
      return ("k" + random.nextInt(n)).getBytes(StandardCharsets.US_ASCII);
    }
  }

  private Feed() {}
}
