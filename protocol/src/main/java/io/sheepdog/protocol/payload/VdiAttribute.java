package io.sheepdog.protocol.payload;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.WireText;
import io.sheepdog.protocol.id.Fnv;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import java.util.Arrays;
import java.util.Objects;

/**
 * A VDI attribute, as payload of GET_VDI_ATTR and as content of its object: {@value #SIZE} bytes.
 *
 * <pre>
 *   0 name[256] | 256 tag[256] | 512 ctime u64 | 520 snap_id u32 | 524 value_len u32 | 528 key[256]
 * 784 value[65536]
 * </pre>
 */
public final class VdiAttribute {
  /** Bytes of the structure. */
  public static final int SIZE = 784 + Limits.ATTRIBUTE_VALUE_SIZE;

  private static final String NAME = "VDI name";
  private static final String TAG = "Snapshot tag";
  private static final String KEY = "Attribute key";

  private final String name;
  private final String tag;
  private final SheepTime createTime;
  private final int snapshotId;
  private final String key;
  private final byte[] value;

  /**
   * Creates an attribute.
   *
   * @param name VDI name, at most 255 bytes; empty in the slot of a deleted attribute
   * @param tag snapshot tag, at most 255 bytes
   * @param createTime creation time of the VDI; the server fills it in
   * @param snapshotId u32
   * @param key at most 255 bytes
   * @param value at most {@link Limits#ATTRIBUTE_VALUE_SIZE} bytes; copied
   * @throws ProtocolException if a length is out of range
   */
  public VdiAttribute(
      String name, String tag, SheepTime createTime, int snapshotId, String key, byte[] value) {
    WireText.check(name, Limits.NAME_SIZE, NAME);
    WireText.check(tag, Limits.TAG_SIZE, TAG);
    WireText.check(key, Limits.ATTRIBUTE_KEY_SIZE, KEY);
    checkValueLength(value.length);
    this.name = name;
    this.tag = tag;
    this.createTime = createTime;
    this.snapshotId = snapshotId;
    this.key = key;
    this.value = value.clone();
  }

  private static void checkValueLength(long length) {
    if (length > Limits.ATTRIBUTE_VALUE_SIZE) {
      throw new ProtocolException(
          "Attribute value of "
              + length
              + " bytes; at most "
              + Limits.ATTRIBUTE_VALUE_SIZE
              + " are allowed");
    }
  }

  /**
   * Reads {@value #SIZE} bytes.
   *
   * @throws ProtocolException if there are fewer, or a field is impossible
   */
  public static VdiAttribute decode(ByteBuf in) {
    WireText.require(in, SIZE, "VDI attribute");
    ByteBuf slice = in.readSlice(SIZE);
    String name = WireText.read(slice, Limits.NAME_SIZE, NAME);
    String tag = WireText.read(slice, Limits.TAG_SIZE, TAG);
    SheepTime createTime = new SheepTime(slice.readLongLE());
    int snapshotId = slice.readIntLE();
    long valueLength = slice.readUnsignedIntLE();
    checkValueLength(valueLength);
    String key = WireText.read(slice, Limits.ATTRIBUTE_KEY_SIZE, KEY);
    byte[] value = new byte[(int) valueLength];
    slice.readBytes(value);
    return new VdiAttribute(name, tag, createTime, snapshotId, key, value);
  }

  /** Appends {@value #SIZE} bytes. */
  public void encode(ByteBuf out) {
    WireText.write(out, name, Limits.NAME_SIZE, NAME);
    WireText.write(out, tag, Limits.TAG_SIZE, TAG);
    out.writeLongLE(createTime.wire());
    out.writeIntLE(snapshotId);
    out.writeIntLE(value.length);
    WireText.write(out, key, Limits.ATTRIBUTE_KEY_SIZE, KEY);
    out.writeBytes(value);
    out.writeZero(Limits.ATTRIBUTE_VALUE_SIZE - value.length);
  }

  /**
   * Where the attribute is kept unless another occupies the slot: then one index further, and so
   * on.
   */
  public ObjectId firstSlot() {
    return ObjectId.attribute(VdiId.hashOf(name), Integer.toUnsignedLong(attributeId()));
  }

  /**
   * Low 32 bits of FNV-1a over padded name, padded tag, snapshot id and padded key (object model,
   * section 9).
   */
  public int attributeId() {
    int size = Limits.NAME_SIZE + Limits.TAG_SIZE + Integer.BYTES + Limits.ATTRIBUTE_KEY_SIZE;
    ByteBuf identity = Unpooled.buffer(size, size);
    WireText.write(identity, name, Limits.NAME_SIZE, NAME);
    WireText.write(identity, tag, Limits.TAG_SIZE, TAG);
    identity.writeIntLE(snapshotId);
    WireText.write(identity, key, Limits.ATTRIBUTE_KEY_SIZE, KEY);
    return (int) Fnv.hash(identity.array());
  }

  /**
   * Whether both are the same attribute, whatever their values: name, tag, snapshot id and key are
   * equal.
   */
  public boolean isSameAs(VdiAttribute other) {
    return name.equals(other.name)
        && tag.equals(other.tag)
        && snapshotId == other.snapshotId
        && key.equals(other.key);
  }

  /** VDI name; empty in the slot of a deleted attribute. */
  public String name() {
    return name;
  }

  /** Snapshot tag, often empty. */
  public String tag() {
    return tag;
  }

  /** Creation time of the VDI. */
  public SheepTime createTime() {
    return createTime;
  }

  /** Snapshot id, u32. */
  public int snapshotId() {
    return snapshotId;
  }

  /** Key. */
  public String key() {
    return key;
  }

  /** Value in a new array. */
  public byte[] value() {
    return value.clone();
  }

  /** The same attribute with another creation time. */
  public VdiAttribute withCreateTime(SheepTime newCreateTime) {
    return new VdiAttribute(name, tag, newCreateTime, snapshotId, key, value);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof VdiAttribute that
        && isSameAs(that)
        && createTime.equals(that.createTime)
        && Arrays.equals(value, that.value);
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, tag, createTime, snapshotId, key, Arrays.hashCode(value));
  }

  /** Everything but the value itself. */
  @Override
  public String toString() {
    return "VdiAttribute[name="
        + name
        + ", tag="
        + tag
        + ", snapshotId="
        + Integer.toUnsignedString(snapshotId)
        + ", key="
        + key
        + ", "
        + value.length
        + " bytes]";
  }
}
