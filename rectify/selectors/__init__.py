"""The read side: queryset in, dataclasses out; writes nothing."""
