package io.github.pgpure.spring.boot.test;

import io.github.pgpure.convert.ConversionContext;
import io.github.pgpure.convert.Converter;
import io.github.pgpure.convert.TypeName;
import org.springframework.stereotype.Component;

/** What a slice must take in. */
@Component
class ColourConverter implements Converter<ColourConverter.Colour> {

    record Colour(String name) {}

    @Override
    public TypeName type() {
        return TypeName.of("colour");
    }

    @Override
    public Class<Colour> javaType() {
        return Colour.class;
    }

    @Override
    public Colour fromPostgres(ConversionContext context, String value) {
        return new Colour(value);
    }

    @Override
    public String toPostgres(ConversionContext context, Colour value) {
        return value.name();
    }
}
