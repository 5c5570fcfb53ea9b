package rxweft.bench;

import java.time.Duration;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/** Reads the sink while records are sent to the source: which of them have come, and how long each took. */
final class Arrivals extends Thread implements AutoCloseable {
  private final KafkaConsumer<byte[], byte[]> consumer;
  /** By partition of the source, where the numbers of this run begin: at its end, so that feed and this label it without a gap. */
  private final long[] from;
  /** us, by the number of the record in this run. */
  private final long[] took;
  private final BitSet seen = new BitSet();
  private final CountDownLatch all = new CountDownLatch(1);
  private long doubled = 0;
  private volatile boolean closed = false;

  Arrivals(Options options, int total) {
    super("arrivals");
    took = new long[total];
    try (var source = Reading.consumer(options, false, Map.of())) {
      var ends = source.endOffsets(Reading.partitions(source, options.text("source")));
      from = new long[ends.size()];
      ends.forEach((partition, end) -> from[partition.partition()] = end);
    }
    consumer = Reading.consumer(options, true, Map.of("fetch.min.bytes", 1));
    Reading.fromEnd(consumer, options.text("sink"));
  }

  int partition(int sent) {
    return sent % from.length;
  }

  long number(int sent) {
    return from[partition(sent)] + sent / from.length;
  }

  @Override
  public void run() {
    while (!closed) {
      var records = consumer.poll(Duration.ofMillis(50));
      long now = Stamp.now();
      records.forEach(record -> arrived(record.value(), now));
      if (seen.cardinality() == took.length) all.countDown();
    }
    consumer.close();
  }

  /** What comes out late from before this run is not ours. */
  private void arrived(byte[] value, long now) {
    if (!Label.is(value) || Label.partition(value) >= from.length) return;
    int partition = Label.partition(value);
    long index = (Label.number(value) - from[partition]) * from.length + partition;
    if (index < 0 || index >= took.length) return;
    if (seen.get((int) index)) doubled += 1;
    else took[(int) index] = now - Stamp.read(value);
    seen.set((int) index);
  }

  void await(long patience) throws InterruptedException {
    all.await(patience, TimeUnit.MILLISECONDS);
    // What is there twice may come a little later.
    if (all.getCount() == 0) Thread.sleep(500);
    close();
  }

  String report(int warmup) {
    long[] measured = seen.stream().filter(index -> index >= warmup).mapToLong(index -> took[index]).toArray();
    Arrays.sort(measured);
    return String.format(
        Locale.ROOT,
        "{\"count\":%d,\"p50\":%.1f,\"p90\":%.1f,\"p99\":%.1f,\"p999\":%.1f,\"max\":%.1f,\"missing\":%d,\"doubled\":%d}",
        measured.length,
        ms(measured, 0.5),
        ms(measured, 0.9),
        ms(measured, 0.99),
        ms(measured, 0.999),
        ms(measured, 1),
        took.length - seen.cardinality(),
        doubled);
  }

  /** The smallest that so large a part of them does not exceed. */
  private static double ms(long[] sorted, double part) {
    if (sorted.length == 0) return 0;
    return sorted[Math.max(0, (int) Math.ceil(part * sorted.length) - 1)] / 1_000.0;
  }

  @Override
  public void close() throws InterruptedException {
    closed = true;
    if (isAlive()) join();
  }
}
