package io.sheepdog.cli.archive;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.sheepdog.cli.archive.Manifest.ArchivedCluster;
import io.sheepdog.cli.archive.Manifest.ArchivedVdi;
import io.sheepdog.cli.archive.Manifest.Head;
import io.sheepdog.cli.archive.Manifest.Run;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.inode.InodeLayout;
import io.sheepdog.protocol.payload.SheepTime;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A {@link Manifest} as JSON, so that it can be read without this program:
 *
 * <pre>
 * {"format": 1, "index": 1, "tag": "...", "time": unix seconds,
 *  "cluster": {"id": "hex", "copies": 3, "block_size_shift": 22, "flags": 12, "store": "plain"},
 *  "vdis": [{"vid": "hex", "name", "tag", "snapshot_id", "parent_vid", "size", "copies",
 *            "block_size_shift", "created": "hex", "snapshot_taken": "hex", "vm_state_size",
 *            "vm_clock": "hex", "objects": [[first index, count, "hex of the owner"], ...]}, ...],
 *  "objects": [["object id", "digest of its first 4 MiB", ...], ...]}
 * </pre>
 *
 * The fields come in this order; others are refused.
 */
final class ManifestCodec {
  private static final int FORMAT = 1;
  private static final int HEX = 16;

  private ManifestCodec() {}

  /** The document cannot be one of ours. */
  static final class DamagedException extends Exception {
    private static final long serialVersionUID = 1L;

    DamagedException(String message) {
      super(message);
    }
  }

  /** Writes all of it; the stream stays open. */
  static void write(OutputStream out, Manifest manifest) throws IOException {
    try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
      json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
      json.writeStartObject();
      head(json, manifest.head());
      json.writeArrayFieldStart("vdis");
      for (ArchivedVdi vdi : manifest.vdis()) {
        json.writeRaw("\n");
        vdi(json, vdi);
      }
      json.writeEndArray();
      json.writeArrayFieldStart("objects");
      for (Map.Entry<ObjectId, List<String>> object : manifest.objects().entrySet()) {
        json.writeRaw("\n");
        json.writeStartArray();
        json.writeString(object.getKey().toString());
        for (String digest : object.getValue()) {
          json.writeString(digest);
        }
        json.writeEndArray();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
  }

  private static void head(JsonGenerator json, Head head) throws IOException {
    json.writeNumberField("format", FORMAT);
    json.writeNumberField("index", head.index());
    json.writeStringField("tag", head.tag());
    json.writeNumberField("time", head.time());
    json.writeObjectFieldStart("cluster");
    json.writeStringField("id", Long.toHexString(head.cluster().id()));
    json.writeNumberField("copies", head.cluster().copies());
    json.writeNumberField("block_size_shift", head.cluster().shift());
    json.writeNumberField("flags", head.cluster().flags());
    json.writeStringField("store", head.cluster().store());
    json.writeEndObject();
  }

  private static void vdi(JsonGenerator json, ArchivedVdi vdi) throws IOException {
    InodeHeader inode = vdi.inode();
    json.writeStartObject();
    json.writeStringField("vid", inode.vdiId().toString());
    json.writeStringField("name", inode.name());
    json.writeStringField("tag", inode.tag());
    json.writeNumberField("snapshot_id", inode.snapshotId());
    json.writeStringField("parent_vid", inode.parentVdiId().toString());
    json.writeNumberField("size", inode.vdiSize());
    json.writeNumberField("copies", inode.copies());
    json.writeNumberField("block_size_shift", inode.blockSizeShift());
    json.writeStringField("created", Long.toHexString(inode.createTime().wire()));
    json.writeStringField("snapshot_taken", Long.toHexString(inode.snapshotTime().wire()));
    json.writeNumberField("vm_state_size", inode.vmStateSize());
    json.writeStringField("vm_clock", Long.toHexString(inode.vmClockNanos()));
    json.writeArrayFieldStart("objects");
    for (Run run : vdi.runs()) {
      json.writeStartArray();
      json.writeNumber(run.first());
      json.writeNumber(run.count());
      json.writeString(run.owner().toString());
      json.writeEndArray();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  /** Reads its beginning, which says what it is. */
  static Head readHead(InputStream in) throws IOException, DamagedException {
    return guarded(in, ManifestCodec::head);
  }

  /** Reads all of it. */
  static Manifest read(InputStream in) throws IOException, DamagedException {
    return guarded(
        in,
        json -> {
          Head head = head(json);
          List<ArchivedVdi> vdis = new ArrayList<>();
          field(json, "vdis", JsonToken.START_ARRAY);
          while (json.nextToken() != JsonToken.END_ARRAY) {
            vdis.add(vdi(json));
          }
          Map<ObjectId, List<String>> objects = new LinkedHashMap<>();
          field(json, "objects", JsonToken.START_ARRAY);
          while (json.nextToken() != JsonToken.END_ARRAY) {
            json.nextToken();
            ObjectId oid = ObjectId.parse(json.getText());
            List<String> digests = new ArrayList<>(1);
            while (json.nextToken() != JsonToken.END_ARRAY) {
              digests.add(Digests.checked(json.getText()));
            }
            objects.put(oid, List.copyOf(digests));
          }
          return new Manifest(head, List.copyOf(vdis), objects);
        });
  }

  @FunctionalInterface
  private interface Reader<T> {
    T read(JsonParser json) throws IOException, DamagedException;
  }

  private static <T> T guarded(InputStream in, Reader<T> reader)
      throws IOException, DamagedException {
    try (JsonParser json = new JsonFactory().createParser(in)) {
      json.nextToken();
      return reader.read(json);
    } catch (IllegalArgumentException | NullPointerException | ProtocolException e) {
      throw new DamagedException("its contents make no sense: " + e.getMessage());
    } catch (JsonProcessingException e) {
      throw new DamagedException("it is no JSON: " + e.getOriginalMessage());
    }
  }

  private static void field(JsonParser json, String name, JsonToken value)
      throws IOException, DamagedException {
    json.nextToken();
    if (!name.equals(json.currentName()) || json.nextToken() != value) {
      throw new DamagedException("'" + name + "' is missing");
    }
  }

  private static long number(JsonParser json, String name) throws IOException, DamagedException {
    field(json, name, JsonToken.VALUE_NUMBER_INT);
    return json.getLongValue();
  }

  private static int small(JsonParser json, String name, int most)
      throws IOException, DamagedException {
    long value = number(json, name);
    if (value < 0 || value > most) {
      throw new DamagedException("'" + name + "' is out of range: " + value);
    }
    return (int) value;
  }

  private static String text(JsonParser json, String name) throws IOException, DamagedException {
    field(json, name, JsonToken.VALUE_STRING);
    return json.getText();
  }

  private static long hex(JsonParser json, String name) throws IOException, DamagedException {
    return Long.parseUnsignedLong(text(json, name), HEX);
  }

  private static VdiId vid(String text) {
    return new VdiId(Integer.parseInt(text, HEX));
  }

  private static Head head(JsonParser json) throws IOException, DamagedException {
    int format = small(json, "format", Integer.MAX_VALUE);
    if (format != FORMAT) {
      throw new DamagedException("it has format " + format + "; " + FORMAT + " is known here");
    }
    int index = small(json, "index", Integer.MAX_VALUE);
    String tag = text(json, "tag");
    long time = number(json, "time");
    field(json, "cluster", JsonToken.START_OBJECT);
    ArchivedCluster cluster =
        new ArchivedCluster(
            hex(json, "id"),
            small(json, "copies", 31),
            small(json, "block_size_shift", 31),
            small(json, "flags", 0xffff),
            text(json, "store"));
    end(json);
    return new Head(index, tag, time, cluster);
  }

  private static void end(JsonParser json) throws IOException, DamagedException {
    if (json.nextToken() != JsonToken.END_OBJECT) {
      throw new DamagedException("it has fields that are not known here");
    }
  }

  private static ArchivedVdi vdi(JsonParser json) throws IOException, DamagedException {
    VdiId vid = vid(text(json, "vid"));
    String name = text(json, "name");
    String tag = text(json, "tag");
    int snapshotId = (int) number(json, "snapshot_id");
    VdiId parent = vid(text(json, "parent_vid"));
    long size = number(json, "size");
    int copies = small(json, "copies", 31);
    int shift = small(json, "block_size_shift", 31);
    SheepTime created = new SheepTime(hex(json, "created"));
    SheepTime taken = new SheepTime(hex(json, "snapshot_taken"));
    long vmStateSize = number(json, "vm_state_size");
    long vmClock = hex(json, "vm_clock");
    InodeHeader inode =
        new InodeHeader(
            name,
            tag,
            created,
            taken,
            vmClock,
            size,
            vmStateSize,
            0,
            0,
            copies,
            shift,
            snapshotId,
            vid,
            parent,
            0);
    if (shift == 0 || name.isEmpty() || inode.objectCount() > InodeLayout.INDEX_ENTRIES) {
      throw new DamagedException("image " + vid + " makes no sense");
    }
    List<Run> runs = new ArrayList<>();
    field(json, "objects", JsonToken.START_ARRAY);
    while (json.nextToken() != JsonToken.END_ARRAY) {
      runs.add(run(json, inode));
    }
    end(json);
    return new ArchivedVdi(inode, List.copyOf(runs));
  }

  private static Run run(JsonParser json, InodeHeader inode) throws IOException, DamagedException {
    long first = json.nextLongValue(-1);
    long count = json.nextLongValue(-1);
    json.nextToken();
    VdiId owner = vid(json.getText());
    if (first < 0 || count < 1 || first + count > inode.objectCount() || owner.isNone()) {
      throw new DamagedException("the index of image " + inode.vdiId() + " makes no sense");
    }
    json.nextToken();
    return new Run((int) first, (int) count, owner);
  }
}
