package io.github.pgpure.convert;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** The only class that touches Jackson. */
final class JacksonMapping implements JsonMapping {

    private final JsonMapper mapper = JsonMapper.shared();

    @Override
    public @Nullable Object read(String json, Class<?> type) {
        try {
            return mapper.readValue(json, type);
        } catch (JacksonException e) {
            // Its message may quote the value.
            throw new ValueException("Jackson cannot map it (" + e.getClass().getSimpleName() + ")" + position(e));
        }
    }

    @Override
    public String write(Object value) {
        try {
            return mapper.writeValueAsString(value);
        } catch (JacksonException e) {
            throw new ValueException("Jackson cannot write it (" + e.getClass().getSimpleName() + ")");
        }
    }

    private static String position(JacksonException e) {
        return e.getLocation() == null
                ? ""
                : " at line " + e.getLocation().getLineNr() + ", column "
                        + e.getLocation().getColumnNr();
    }
}
