package rxweft.flink;

import java.io.File;
import java.io.IOException;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.JsonNodeFactory;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.streaming.api.windowing.windows.Window;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;

/** JSON, and the two ends of time in it: "Infinity" is Long.MAX_VALUE, "-Infinity" Long.MIN_VALUE. */
final class Json {
  private static final ObjectMapper mapper = new ObjectMapper();

  static JsonNode read(File file) throws IOException {
    return mapper.readTree(file);
  }

  static void write(File file, JsonNode content) throws IOException {
    mapper.writeValue(file, content);
  }

  static JsonNode parse(String text) throws IOException {
    return mapper.readTree(text);
  }

  static ObjectNode object() {
    return mapper.createObjectNode();
  }

  static long time(JsonNode time) {
    return switch (time.asText()) {
      case "Infinity" -> Long.MAX_VALUE;
      case "-Infinity" -> Long.MIN_VALUE;
      default -> time.longValue();
    };
  }

  static JsonNode time(long time) {
    var make = JsonNodeFactory.instance;
    if (time == Long.MAX_VALUE) return make.textNode("Infinity");
    return time == Long.MIN_VALUE ? make.textNode("-Infinity") : make.numberNode(time);
  }

  static ObjectNode watermark(long timestamp) {
    return output("watermark").set("timestamp", time(timestamp));
  }

  static ObjectNode status(boolean idle) {
    return output("status").put("idle", idle);
  }

  static ObjectNode status(WatermarkStatus status) {
    return status(status.isIdle());
  }

  static ObjectNode output(String type) {
    return object().put("type", type);
  }

  /** [start, end) of a window of time; null for the global one. */
  static JsonNode window(Window window) {
    if (!(window instanceof TimeWindow time)) return JsonNodeFactory.instance.nullNode();
    return mapper.createArrayNode().add(time.getStart()).add(time.getEnd());
  }

  static JsonNode array(Iterable<Long> values) {
    var array = mapper.createArrayNode();
    for (long value : values) array.add(value);
    return array;
  }

  private Json() {}
}
