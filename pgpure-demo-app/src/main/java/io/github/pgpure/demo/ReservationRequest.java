package io.github.pgpure.demo;

import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.util.List;
import org.hibernate.validator.constraints.UniqueElements;

/** Who wants which seats. Control characters are refused: PostgreSQL's text cannot hold a NUL. */
record ReservationRequest(
        @NotBlank @Size(max = 100) @Pattern(regexp = "\\P{Cntrl}*", message = "must not contain control characters")
        String customer,

        @NotEmpty @Size(max = 100) @UniqueElements
        List<@NotNull @Pattern(regexp = "[A-Z][1-9][0-9]?", message = "must be a row and a number, like A1") String>
                seats) {}
