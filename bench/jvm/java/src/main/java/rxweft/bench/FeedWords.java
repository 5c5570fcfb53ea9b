package rxweft.bench;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/** The input of a word count: each value one word, "w" and a number below n. With everyWordOnce the first n are each of them. */
public final class FeedWords {
  public static void main(String[] args) throws Exception {
    Parent.watch();
    var options = new Options(args);
    int partitions = options.number("partitions");
    int n = options.number("words");
    boolean first = options.is("everyWordOnce");
    var random = new SplittableRandom(options.big("seed"));
    try (var feeder = new Feeder(options)) {
      Runs.of(options.big("records"), partitions, (partition, number) -> {
        long i = number * partitions + partition;
        long word = first && i < n ? i : random.nextInt(n);
        feeder.send(partition, null, ("w" + word).getBytes(StandardCharsets.US_ASCII));
      });
    }
  }

  private FeedWords() {}
}
