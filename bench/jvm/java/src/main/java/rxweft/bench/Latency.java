package rxweft.bench;

import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Writes labelled records at a steady rate, waits for them in the sink, and prints how long they took as JSON. */
public final class Latency {
  /** ns; what is due by then is sent together. */
  private static final long tick = 1_000_000;

  /** ms that the last record is waited for. */
  private static final long patience = 30_000;

  public static void main(String[] args) throws Exception {
    Parent.watch();
    var options = new Options(args);
    int bytes = options.number("valueBytes");
    if (bytes < Stamp.end) throw new IllegalArgumentException("valueBytes must be at least " + Stamp.end);
    long rate = options.big("rate");
    int warmup = Math.toIntExact(rate * options.big("warmupSeconds"));
    int total = Math.toIntExact(warmup + rate * options.big("seconds"));
    // One batch in flight, as without idempotence another would overtake one that is sent again.
    Map<String, Object> settings =
        Map.of("acks", "1", "enable.idempotence", false, "max.in.flight.requests.per.connection", 1, "linger.ms", 0);
    try (var producer =
            new KafkaProducer<>(options.client(settings), new ByteArraySerializer(), new ByteArraySerializer());
        var arrivals = new Arrivals(options, total)) {
      arrivals.start();
      send(producer, options.text("source"), arrivals, bytes, rate, total);
      arrivals.await(patience);
      System.out.println(arrivals.report(warmup));
    }
  }

  private static void send(
      KafkaProducer<byte[], byte[]> producer, String topic, Arrivals arrivals, int bytes, long rate, int total) {
    var words = new Words(1);
    long start = System.nanoTime();
    for (int sent = 0; sent < total; LockSupport.parkNanos(tick)) {
      long due = Math.min(total, (System.nanoTime() - start) * rate / 1_000_000_000L);
      for (; sent < due; sent++) {
        byte[] value = new byte[bytes];
        Label.write(value, arrivals.partition(sent), arrivals.number(sent));
        words.fill(value, Stamp.end);
        long now = Stamp.now();
        Stamp.write(value, now);
        producer.send(new ProducerRecord<>(topic, arrivals.partition(sent), now / 1_000, null, value), (done, error) -> {
          if (error != null) throw new IllegalStateException("a record could not be written", error);
        });
      }
    }
    producer.flush();
  }

  private Latency() {}
}
