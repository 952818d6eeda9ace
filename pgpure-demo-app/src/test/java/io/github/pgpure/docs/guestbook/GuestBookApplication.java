package io.github.pgpure.docs.guestbook;

// tag::application[]
import io.github.pgpure.convert.Converter;
import io.github.pgpure.convert.EnumConverter;
import io.github.pgpure.convert.TypeName;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

@SpringBootApplication
public class GuestBookApplication {

    public static void main(String[] args) {
        SpringApplication.run(GuestBookApplication.class, args);
    }

    @Bean
    Converter<Mood> moodConverter() {
        return EnumConverter.of(TypeName.of("mood"), Mood.class);
    }
}
// end::application[]
