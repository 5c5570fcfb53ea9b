package rxweft.flink;

import java.util.List;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.watermarkstatus.StatusWatermarkValve;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;

/** The valve that makes one watermark out of those of all channels of one input: upstream subtasks, or united streams. */
final class ChannelsPlayer implements Player {
  private final StatusWatermarkValve valve;
  private final Said said = new Said();

  ChannelsPlayer(int channels) {
    valve = new StatusWatermarkValve(channels);
  }

  @Override
  public List<JsonNode> play(JsonNode event) throws Exception {
    int channel = event.path("input").asInt();
    switch (event.get("type").asText()) {
      case "watermark" -> valve.inputWatermark(new Watermark(Json.time(event.get("timestamp"))), channel, said);
      case "status" -> {
        var status = event.get("idle").asBoolean() ? WatermarkStatus.IDLE : WatermarkStatus.ACTIVE;
        valve.inputWatermarkStatus(status, channel, said);
      }
      default -> throw Player.unknown(event);
    }
    return said.take();
  }
}
