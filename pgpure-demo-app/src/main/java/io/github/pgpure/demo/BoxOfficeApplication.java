package io.github.pgpure.demo;

import io.github.pgpure.convert.Converter;
import io.github.pgpure.convert.EnumConverter;
import io.github.pgpure.convert.TypeName;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.jackson.autoconfigure.JsonMapperBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.type.LogicalType;

/** The box office. Starts with an embedded PostgreSQL unless {@code pgpure.url} names another server. */
@SpringBootApplication
public class BoxOfficeApplication {

    public static void main(String[] args) {
        SpringApplication.run(BoxOfficeApplication.class, args);
    }

    /** Converter beans are known to every connection of the pool, for single values and for arrays. */
    @Bean
    Converter<SeatStatus> seatStatusConverter() {
        return EnumConverter.of(TypeName.of("seat_status"), SeatStatus.class);
    }

    /** A number or a boolean is not a name: without this Jackson would quietly turn it into a string. */
    @Bean
    JsonMapperBuilderCustomizer textIsText() {
        return builder -> builder.withCoercionConfig(
                LogicalType.Textual,
                text -> text.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                        .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                        .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail));
    }
}
