package rxweft.flink;

import java.util.List;
import java.util.OptionalLong;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;

/** One part of Flink, as it is driven by the events of one scenario. */
interface Player extends AutoCloseable {
  /** What came out of it because of this event, in order. */
  List<JsonNode> play(JsonNode event) throws Exception;

  /** Flink's own counter of late records that went nowhere, where there is one. */
  default OptionalLong droppedLate() throws Exception {
    return OptionalLong.empty();
  }

  @Override
  default void close() throws Exception {}

  static IllegalArgumentException unknown(JsonNode event) {
    return new IllegalArgumentException("no such event here: " + event);
  }
}
