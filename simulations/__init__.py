from formats.imports import checkout_last

checkout_last()
