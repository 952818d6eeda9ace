package io.github.pgpure.convert;

import io.github.pgpure.protocol.Format;
import io.github.pgpure.protocol.FrontendBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An enum type that no converter was added for: String, and any Java enum whose names fit. */
final class EnumCodec extends ScalarCodec<String> {

    /** The labels when the type was looked up; later ones may have been added. */
    private final Set<String> labels;

    EnumCodec(int oid, String typeName, List<TypeInfo.Member> members) {
        super(oid, typeName, Format.BINARY, String.class, "String, a Java enum");
        labels = new HashSet<>();
        for (TypeInfo.Member member : members) {
            labels.add(member.name());
        }
    }

    @Override
    String readBinary(ConversionContext context, byte[] bytes, int offset, int length) {
        return Bytes.getString(bytes, offset, length);
    }

    @Override
    String readText(ConversionContext context, String text) {
        return text;
    }

    @Override
    void writeBinary(ConversionContext context, String value, FrontendBuffer out) {
        out.writeString(value);
    }

    @Override
    String writeText(ConversionContext context, String value) {
        return value;
    }

    @Override
    @Nullable
    String accept(ConversionContext context, Object value) {
        if (value instanceof Enum<?> constant) {
            String name = constant.name();
            return labels.contains(name) || !labels.contains(label(constant)) ? name : label(constant);
        }
        return value instanceof CharSequence ? TextCodec.checked(value.toString()) : null;
    }

    @Override
    @Nullable
    Object convert(ConversionContext context, String value, Class<?> type) {
        return type.isEnum() ? EnumNames.constant(type, value) : null;
    }

    /** The label of a constant: its name where there is such a label, else that in lower case. */
    String label(Enum<?> constant) {
        String name = constant.name();
        return labels.contains(name) ? name : name.toLowerCase(Locale.ROOT);
    }
}
