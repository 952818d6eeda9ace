package io.github.pgpure.convert;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/** Maps JSON by Jackson 3, which has to be on the class path to use this class; thread-safe, as Jackson's mappers are. */
public final class JacksonJsonMapping implements JsonMapping {

    private final ObjectMapper mapper;

    /** A mapping by this mapper. */
    public JacksonJsonMapping(ObjectMapper mapper) {
        this.mapper = Objects.requireNonNull(mapper, "mapper");
    }

    /** A mapping by Jackson's mapper with the default configuration. */
    static JsonMapping byDefault() {
        return new JacksonJsonMapping(JsonMapper.shared());
    }

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
