import sys

import torch
from torch import nn, optim
from torch.nn import functional as F

dtype = getattr(torch, sys.argv[1] if len(sys.argv) > 1 else "float32")
torch.manual_seed(3)

SYMBOLS, LENGTH, BATCH = 20, 12, 8


class Reverser(nn.Module):
    """A transformer encoder that says a sequence backwards."""

    def __init__(self, size=32, heads=4):
        super().__init__()
        self.embedding = nn.Embedding(SYMBOLS, size)
        self.position = nn.Parameter(torch.randn(LENGTH, 1, size) * 0.1)
        layer = nn.TransformerEncoderLayer(size, heads, dim_feedforward=64, dropout=0.1, activation="gelu", norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, num_layers=2, norm=nn.LayerNorm(size), enable_nested_tensor=False)
        self.output = nn.Linear(size, SYMBOLS)

    def forward(self, symbols, padding):
        x = self.embedding(symbols) + self.position
        return self.output(self.encoder(x, src_key_padding_mask=padding))


net = Reverser().to(dtype)
for parameter in net.encoder.parameters():
    if parameter.dim() > 1:
        nn.init.xavier_uniform_(parameter)

optimizer = optim.AdamW(net.parameters(), lr=3e-3)
scheduler = optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1, (step + 1) / 20))
padding = torch.zeros(BATCH, LENGTH, dtype=torch.bool)
padding[:2, -3:] = True

for step in range(100):
    symbols = torch.randint(SYMBOLS, (LENGTH, BATCH))
    scores = net(symbols, padding)
    loss = F.cross_entropy(scores.flatten(0, 1), symbols.flip(0).flatten())
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_value_(net.parameters(), 0.5)
    optimizer.step()
    scheduler.step()
    print(f"{loss.item():.10f}")
