package rxweft.flink;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.watermarkstatus.StatusWatermarkValve;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;

/**
 * A task has one StatusWatermarkValve before each input, which is what ignores watermarks that go back; the harness has none, and
 * its operators would believe them.
 */
final class Valves {
  /** One channel that ends in one input of the operator. */
  private record Channel(StatusWatermarkValve valve, int index, DataOutput<Object> into) {}

  private final List<Channel> channels = new ArrayList<>();

  Valves(Stage stage) {
    for (int input = 0; input < stage.channels().length; input++) {
      var valve = new StatusWatermarkValve(stage.channels()[input]);
      var into = into(stage, input);
      for (int index = 0; index < stage.channels()[input]; index++) channels.add(new Channel(valve, index, into));
    }
  }

  void watermark(JsonNode event) throws Exception {
    var channel = channels.get(event.path("input").asInt());
    channel.valve.inputWatermark(new Watermark(Json.time(event.get("timestamp"))), channel.index, channel.into);
  }

  void status(JsonNode event) throws Exception {
    var channel = channels.get(event.path("input").asInt());
    var status = event.get("idle").asBoolean() ? WatermarkStatus.IDLE : WatermarkStatus.ACTIVE;
    channel.valve.inputWatermarkStatus(status, channel.index, channel.into);
  }

  private static DataOutput<Object> into(Stage stage, int input) {
    return new DataOutput<>() {
      @Override
      public void emitWatermark(Watermark watermark) throws Exception {
        stage.watermark(input, watermark);
      }

      @Override
      public void emitWatermarkStatus(WatermarkStatus status) throws Exception {
        stage.status(input, status);
      }
    };
  }
}
