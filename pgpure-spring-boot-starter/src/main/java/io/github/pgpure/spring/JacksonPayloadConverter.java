package io.github.pgpure.spring;

import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.ObjectMapper;

/** Reads a payload as JSON, with Jackson 3. */
public class JacksonPayloadConverter implements PayloadConverter {

    private final ObjectMapper mapper;

    /** @param mapper reads the payload */
    public JacksonPayloadConverter(ObjectMapper mapper) {
        this.mapper = mapper;
    }

    @Override
    public @Nullable Object convert(String payload, Type type) {
        return mapper.readValue(payload, mapper.constructType(type));
    }
}
