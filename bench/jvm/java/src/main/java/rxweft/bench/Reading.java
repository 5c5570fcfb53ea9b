package rxweft.bench;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads a topic from its beginning to what is its end now, with Kafka's own consumer, without a group. */
final class Reading implements AutoCloseable {
  /** ms; markers of a transaction are written a little after its commit was answered. */
  private static final long patience = 5_000;

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final List<TopicPartition> partitions;
  private final Map<TopicPartition, Long> ends;
  private final long undecided;

  Reading(Options options, String topic, boolean committed) throws InterruptedException {
    consumer = consumer(options, committed, Map.of());
    partitions = partitions(consumer, topic);
    var all = committed ? highWatermarks(options) : null;
    ends = new HashMap<>(consumer.endOffsets(partitions));
    for (long waited = 0; committed && open(all) > 0 && waited < patience; waited += 50) {
      Thread.sleep(50);
      ends.putAll(consumer.endOffsets(partitions));
    }
    undecided = committed ? open(all) : 0;
  }

  static KafkaConsumer<byte[], byte[]> consumer(Options options, boolean committed, Map<String, ?> more) {
    var settings = new HashMap<String, Object>();
    settings.put("isolation.level", committed ? "read_committed" : "read_uncommitted");
    settings.put("enable.auto.commit", false);
    // Many records a poll and large fetches: this only has to be fast. Not so large that 64 partitions fill the heap.
    settings.put("max.poll.records", 10_000);
    settings.put("fetch.max.bytes", 16 << 20);
    settings.put("receive.buffer.bytes", 1 << 20);
    settings.putAll(more);
    return new KafkaConsumer<>(options.client(settings), new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  static List<TopicPartition> partitions(KafkaConsumer<?, ?> consumer, String topic) {
    var found = consumer.partitionsFor(topic);
    if (found == null || found.isEmpty()) throw new IllegalArgumentException("there is no topic " + topic);
    return found.stream().map(one -> new TopicPartition(topic, one.partition())).toList();
  }

  /** All partitions, from what is their end now; it is known when this returns. */
  static List<TopicPartition> fromEnd(KafkaConsumer<?, ?> consumer, String topic) {
    var partitions = partitions(consumer, topic);
    consumer.assign(partitions);
    consumer.seekToEnd(partitions);
    partitions.forEach(consumer::position);
    return partitions;
  }

  /** Offsets behind an open transaction: whether they will ever count is not known yet. */
  long undecided() {
    return undecided;
  }

  Collection<TopicPartition> partitions() {
    return partitions;
  }

  /** How many offsets a partition has, which is how many records where there are no transactions. */
  long length(TopicPartition partition) {
    return ends.get(partition) - consumer.beginningOffsets(List.of(partition)).get(partition);
  }

  void each(Consumer<ConsumerRecord<byte[], byte[]>> record) {
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    while (!atEnd()) consumer.poll(Duration.ofMillis(500)).forEach(one -> {
      if (one.offset() < ends.get(new TopicPartition(one.topic(), one.partition()))) record.accept(one);
    });
  }

  private boolean atEnd() {
    return partitions.stream().allMatch(one -> consumer.position(one) >= ends.get(one));
  }

  private long open(Map<TopicPartition, Long> all) {
    return partitions.stream().mapToLong(one -> Math.max(0, all.get(one) - ends.get(one))).sum();
  }

  private Map<TopicPartition, Long> highWatermarks(Options options) {
    try (var other = consumer(options, false, Map.of())) {
      return other.endOffsets(partitions);
    }
  }

  @Override
  public void close() {
    consumer.close();
  }
}
