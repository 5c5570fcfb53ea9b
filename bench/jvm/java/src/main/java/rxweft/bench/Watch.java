package rxweft.bench;

import java.time.Duration;
import java.util.Map;

/** A read_committed consumer from the end of a topic. Prints "ready", then whenever records have come "ms since epoch, how many until now". */
public final class Watch {
  public static void main(String[] args) {
    Parent.watch();
    var options = new Options(args);
    try (var consumer = Reading.consumer(options, true, Map.of("fetch.min.bytes", 1))) {
      Reading.fromEnd(consumer, options.text("topic"));
      System.out.println("ready");
      for (long sum = 0; true; ) {
        int count = consumer.poll(Duration.ofMillis(100)).count();
        if (count == 0) continue;
        sum += count;
        System.out.println(System.currentTimeMillis() + " " + sum);
      }
    }
  }

  private Watch() {}
}
