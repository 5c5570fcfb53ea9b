package rxweft.bench;

import static org.apache.kafka.streams.StreamsConfig.consumerPrefix;
import static org.apache.kafka.streams.StreamsConfig.producerPrefix;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;

/** The uppercase job in Kafka Streams, exactly once, each record into the partition that it came from. */
public final class StreamsPeer {
  public static void main(String[] args) throws Exception {
    Parent.watch();
    var options = new Options(args);
    var streams = new KafkaStreams(topology(options), options.client(settings(options), tuning()));
    var failed = new CountDownLatch(1);
    streams.setUncaughtExceptionHandler(error -> {
      error.printStackTrace();
      failed.countDown();
      return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    });
    Runtime.getRuntime().addShutdownHook(new Thread(() -> streams.close(Duration.ofSeconds(8))));
    streams.start();
    failed.await();
    System.exit(1);
  }

  private static Map<String, Object> settings(Options options) {
    var settings = new HashMap<String, Object>();
    settings.put("application.id", options.text("id"));
    settings.put("state.dir", options.text("checkpoints"));
    settings.put("processing.guarantee", "exactly_once_v2");
    settings.put("commit.interval.ms", options.number("interval"));
    settings.put("num.stream.threads", options.number("parallelism"));
    settings.put(consumerPrefix("auto.offset.reset"), "earliest");
    settings.put(producerPrefix("compression.type"), options.text("compression"));
    return settings;
  }

  private static Map<String, Object> tuning() {
    var settings = new HashMap<String, Object>();
    // Records that a task may hold; a partition is paused above it. The default of 1000 is one small fetch.
    settings.put("buffered.records.per.partition", 20_000);
    // The default of 1000 makes a poll, with all that a thread does around one, too frequent.
    settings.put(consumerPrefix("max.poll.records"), 10_000);
    settings.put(consumerPrefix("receive.buffer.bytes"), 1 << 20);
    // Batches as large as a broker takes by default, with some room; the default of 16 KiB is made for many partitions and little memory.
    settings.put(producerPrefix("batch.size"), 512 << 10);
    // Streams' own default; a commit flushes, so it costs no latency beyond that.
    settings.put(producerPrefix("linger.ms"), 100);
    settings.put(producerPrefix("buffer.memory"), 64 << 20);
    settings.put(producerPrefix("send.buffer.bytes"), 1 << 20);
    return settings;
  }

  private static Topology topology(Options options) {
    var topology = new Topology();
    topology.addSource("source", new ByteArrayDeserializer(), new StringDeserializer(), options.text("source"));
    topology.addProcessor("uppercase", Uppercase::new, "source");
    // Into the one partition that there is everything goes anyway, 6 % cheaper.
    var keep = onePartition(options) ? null : new Keep();
    topology.addSink(
        "sink", options.text("sink"), (topic, route) -> route.key, new StringSerializer(), keep, "uppercase");
    return topology;
  }

  private static boolean onePartition(Options options) {
    try (var consumer = Reading.consumer(options, false, Map.of())) {
      return Reading.partitions(consumer, options.text("sink")).size() == 1;
    }
  }

  /** The key, and the partition that it goes to: without a key Streams would spread the records over all. */
  private record Route(byte[] key, int partition) {}

  private static final class Uppercase extends ContextualProcessor<byte[], String, Route, String> {
    @Override
    public void process(Record<byte[], String> record) {
      int partition = context().recordMetadata().orElseThrow().partition();
      context().forward(record.withKey(new Route(record.key(), partition)).withValue(record.value().toUpperCase()));
    }
  }

  private static final class Keep implements StreamPartitioner<Route, String> {
    /** By partition of the source: made once, not for each record. */
    private final ConcurrentMap<Integer, Optional<Set<Integer>>> kept = new ConcurrentHashMap<>();

    @Override
    public Optional<Set<Integer>> partitions(String topic, Route route, String value, int partitions) {
      return kept.computeIfAbsent(route.partition, partition -> Optional.of(Set.of(partition % partitions)));
    }
  }

  private StreamsPeer() {}
}
